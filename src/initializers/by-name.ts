import { UserError } from "../core/errors.js";
import { didYouMean } from "../core/suggest.js";
import { brock } from "./brock.js";
import { delta } from "./delta.js";
import { deltaOrthogonal } from "./delta-orthogonal.js";
import { heFanIn } from "./he-fan-in.js";
import { heFanInUniform } from "./he-fan-in-uniform.js";
import { heFanOut } from "./he-fan-out.js";
import { heFanOutUniform } from "./he-fan-out-uniform.js";
import type { Initializer } from "./initializer.js";
import { lecun } from "./lecun.js";
import { lecunUniform } from "./lecun-uniform.js";
import { looksLinear } from "./looks-linear.js";
import { orthogonal } from "./orthogonal.js";
import { pytorchConv } from "./pytorch-conv.js";
import { truncatedNormal } from "./truncated-normal.js";
import { xavier } from "./xavier.js";
import { xavierUniform } from "./xavier-uniform.js";
import { zero } from "./zero.js";

/** Names of the initializers that need no argument, as options and flags take them. */
export const initializerNames = [
  "he-fan-in",
  "he-fan-in-uniform",
  "he-fan-out",
  "he-fan-out-uniform",
  "brock",
  "lecun",
  "lecun-uniform",
  "xavier",
  "xavier-uniform",
  "orthogonal",
  "delta",
  "delta-orthogonal",
  "looks-linear",
  "truncated-normal",
  "pytorch",
  "zero",
] as const;

/** One of `initializerNames`. */
export type InitializerName = (typeof initializerNames)[number];

const factories: Readonly<Record<InitializerName, () => Initializer>> = {
  "he-fan-in": heFanIn,
  "he-fan-in-uniform": heFanInUniform,
  "he-fan-out": heFanOut,
  "he-fan-out-uniform": heFanOutUniform,
  brock,
  lecun,
  "lecun-uniform": lecunUniform,
  xavier,
  "xavier-uniform": xavierUniform,
  orthogonal,
  delta,
  "delta-orthogonal": deltaOrthogonal,
  "looks-linear": () => looksLinear(deltaOrthogonal()),
  "truncated-normal": truncatedNormal,
  pytorch: pytorchConv,
  zero,
};

function isInitializerName(name: string): name is InitializerName {
  return Object.hasOwn(factories, name);
}

/**
 * The initializer of that name; throws `UserError` with the nearest name and all that are allowed.
 */
export function initializerByName(name: string): Initializer {
  if (isInitializerName(name)) return factories[name]();
  const hint = didYouMean(name, initializerNames);
  throw new UserError(`initializer "${name}"${hint}; allowed: ${initializerNames.join(", ")}`);
}
