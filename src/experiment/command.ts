import { formatOptions } from "../core/options.js";
import { labelOf } from "./experiment.js";
import type { Spec } from "./spec.js";

/** A word as a shell takes it. */
export function quote(word: string): string {
  return /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function seedsText(seeds: Spec["seeds"]): string {
  return typeof seeds === "number"
    ? String(seeds)
    : `${seeds.join(",")}${seeds.length === 1 ? "," : ""}`;
}

/** The command line that does what a spec says. */
export function commandOf(spec: Spec, quick: boolean): string {
  const networks = spec.architectures.map((entry) =>
    typeof entry === "string" ? entry : labelOf(entry.name, formatOptions(entry.options)),
  );
  const settings = Object.entries(spec.settings).flatMap(([key, value]) => [
    "--set",
    `${key}=${value}`,
  ]);
  const words = [
    "isoscope",
    spec.analysis,
    ...networks,
    ...["--data", spec.data, "--batch", String(spec.batch), "--seeds", seedsText(spec.seeds)],
    ...(spec.backend === "onnx" ? [] : ["--backend", spec.backend]),
    ...(spec.weights === undefined ? [] : ["--weights", spec.weights]),
    ...settings,
    ...(quick ? ["--quick"] : []),
  ];
  return words.map(quote).join(" ");
}
