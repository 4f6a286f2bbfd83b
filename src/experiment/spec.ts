import { isAbsolute, resolve } from "node:path";
import { UserError } from "../core/errors.js";
import { parseOptions, type Where, z } from "../core/schema.js";
import { backendChoices } from "../engine/backends/catalogue.js";
import { parseYaml } from "./yaml.js";

const scalar = z.union([z.number(), z.string(), z.boolean()]);
const optionValues = z.record(z.string(), z.union([scalar, z.array(scalar)]));

const entry = z.union([
  z.string(),
  z.strictObject({ name: z.string(), options: optionValues.default({}) }),
]);

const seedsSchema = z.union([
  z.int().min(1).max(1000),
  z.array(z.int().min(0).max(Number.MAX_SAFE_INTEGER)).min(1),
]);

/** What a config file or a command line says; every value has a default except the networks. */
export const specSchema = z.strictObject({
  title: z.string().optional(),
  question: z.string().optional(),
  /** Free text under the title of the report. */
  note: z.string().optional(),
  analysis: z.string().default("spp"),
  /** Options of the analysis. */
  settings: z.record(z.string(), scalar).default({}),
  /** `ARCH:key=value,key=[a,b]` or `{name, options}`; lists are axes of a grid. */
  architectures: z.array(entry).min(1),
  /** `NAME` or `NAME:ARGUMENT`. */
  data: z.string().default("cifar10-sample"),
  batch: z.int().min(1).max(100_000).default(64),
  /** A number of seeds (0, 1, ...) or the seeds themselves. */
  seeds: seedsSchema.default(3),
  backend: z.enum(backendChoices).default("onnx"),
  /** A safetensors file for every network instead of fresh weights. */
  weights: z.string().optional(),
});

/** A checked experiment before names are looked up. */
export type Spec = z.infer<typeof specSchema>;

/** The seeds of a spec in order. Throws `UserError` on a repeated seed. */
export function seedsOf({ seeds }: Spec): readonly number[] {
  if (typeof seeds === "number") return Array.from({ length: seeds }, (_, i) => i);
  const repeated = seeds.find((seed, i) => seeds.indexOf(seed) !== i);
  if (repeated !== undefined) throw new UserError(`seeds: ${repeated} is given twice`);
  return seeds;
}

/** Checks a spec; `where` names the file or command, or the line of a value, in errors. */
export function parseSpec(raw: unknown, where: string | Where): Spec {
  return parseOptions(specSchema as z.ZodType<Spec>, raw, where);
}

/** Sets `a.b.c` of a plain object, making objects on the way; a new object is returned. */
export function withValue(
  raw: Readonly<Record<string, unknown>>,
  path: readonly string[],
  value: unknown,
): Readonly<Record<string, unknown>> {
  const [head = "", ...rest] = path;
  if (rest.length === 0) return { ...raw, [head]: value };
  const inner = raw[head];
  const record = typeof inner === "object" && inner !== null ? { ...inner } : {};
  return { ...raw, [head]: withValue(record, rest, value) };
}

/** A raw spec and where each of its values stands. */
export interface RawSpec {
  readonly raw: Readonly<Record<string, unknown>>;
  readonly where: Where;
}

/** The raw spec of a YAML text, which must hold a mapping. Throws `UserError`. */
export function readSpec(text: string, where: string): RawSpec {
  const { value, positionOf } = parseYaml(text, where);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new UserError(`${where}: holds no mapping; an experiment has keys such as architectures`);
  }
  return { raw: value as Readonly<Record<string, unknown>>, where: positionOf };
}

/** A path as a user gave it, from the folder it is relative to. */
export function resolvePath(path: string, folder: string): string {
  return isAbsolute(path) ? path : resolve(folder, path);
}
