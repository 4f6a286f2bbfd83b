import { parseEntry } from "../../core/options.js";
import type { ZodType } from "../../core/schema.js";
import { parseOptions } from "../../core/schema.js";

/**
 * The settings in the argument of the reader `name`, `std=0.6,other=1`; the defaults without one.
 * Throws `UserError` naming the setting, what came and what is allowed.
 */
export function parseSettings<O>(
  schema: ZodType<O>,
  argument: string | undefined,
  name: string,
): O {
  const given = argument === undefined ? {} : parseEntry(`${name}:${argument}`).options;
  return parseOptions(schema, given, `--data ${name}`);
}
