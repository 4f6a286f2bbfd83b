import { UserError } from "../core/errors.js";
import { parseValue } from "../core/options.js";
import type { Spec } from "../experiment/spec.js";
import { parseSpec, specSchema, withValue } from "../experiment/spec.js";
import type { Arguments } from "./command.js";

type Raw = Readonly<Record<string, unknown>>;

/** A whole number of at least `least` from an option. Throws `UserError`. */
export function wholeNumber(flag: string, text: string, least: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least) {
    throw new UserError(`--${flag} ${text}: a whole number of at least ${least} is needed`);
  }
  return value;
}

/** `5` is five seeds, `3,7` and `3,` are the seeds themselves. Throws `UserError`. */
export function parseSeeds(text: string): number | number[] {
  if (!text.includes(",")) return wholeNumber("seeds", text, 1);
  const seeds = text.split(",").filter((part, i, all) => part !== "" || i < all.length - 1);
  return seeds.map((part) => wholeNumber("seeds", part.trim(), 0));
}

function splitSetting(text: string): readonly [string, string] {
  const at = text.indexOf("=");
  if (at <= 0)
    throw new UserError(`--set ${text}: key=value is needed, as in --set cotangent=gaussian`);
  return [text.slice(0, at), text.slice(at + 1)];
}

/** Puts `--set key=value` where it belongs: a key of the config, or an option of the analysis. */
export function withSettings(raw: Raw, settings: readonly string[]): Raw {
  const top = Object.keys(specSchema.shape);
  return settings.reduce((spec, text) => {
    const [key, value] = splitSetting(text);
    const path = key.split(".");
    const full = top.includes(path[0] ?? "") ? path : ["settings", ...path];
    return withValue(spec, full, parseValue(value));
  }, raw);
}

/** Puts the options that were typed over a spec; those not typed leave it as it is. */
export function withFlags(raw: Raw, given: Arguments): Raw {
  const seeds = given.text("seeds");
  const batch = given.text("batch");
  const texts = ["data", "backend", "weights", "title", "note"].flatMap((flag) => {
    const text = given.text(flag);
    return text === undefined ? [] : [[flag, text]];
  });
  const flags = {
    ...Object.fromEntries(texts),
    ...(seeds === undefined ? {} : { seeds: parseSeeds(seeds) }),
    ...(batch === undefined ? {} : { batch: wholeNumber("batch", batch, 1) }),
  };
  return withSettings({ ...raw, ...flags }, given.list("set"));
}

function typedSettings(names: readonly string[], given: Arguments): Raw {
  const typed = names.flatMap((name) => {
    const text = given.text(name);
    return text === undefined ? [] : [[name, parseValue(text)]];
  });
  return Object.fromEntries(typed);
}

/**
 * The spec of `isoscope ANALYSIS ARCH ...`; `settings` names the options of the analysis.
 * Throws `UserError`.
 */
export function specOfArguments(
  analysis: string,
  settings: readonly string[],
  given: Arguments,
): Spec {
  if (given.positionals.length === 0) {
    throw new UserError(
      `${analysis}: name at least one architecture, as in isoscope ${analysis} isonet:depth=56; ` +
        "see isoscope list architectures",
    );
  }
  const raw = {
    analysis,
    architectures: given.positionals,
    settings: typedSettings(settings, given),
  };
  return parseSpec(withFlags(raw, given), analysis);
}
