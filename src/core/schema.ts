import { z } from "zod";
import { UserError } from "./errors.js";
import { didYouMean } from "./suggest.js";

export type { ZodType } from "zod";
export { z } from "zod";

type Issue = z.core.$ZodIssue;

/** Names of a schema's options, in their order. */
export function optionNames(schema: z.ZodType): readonly string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function show(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}

function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, name) => (value as Record<PropertyKey, unknown> | undefined)?.[name],
    raw,
  );
}

function describeIssue(issue: Issue, raw: unknown, schema: z.ZodType): string {
  const path = issue.path.map(String).join(".");
  if (issue.code === "unrecognized_keys") {
    const key = issue.keys[0] ?? "";
    const known = optionNames(schema);
    return `unknown option "${key}"${didYouMean(key, known)}; allowed: ${known.join(", ")}`;
  }
  const came = valueAt(raw, issue.path);
  if (issue.code === "invalid_value") {
    const allowed = issue.values.map(String);
    const hint = typeof came === "string" ? didYouMean(came, allowed) : "";
    return `option "${path}" is ${show(came)}${hint}; allowed: ${allowed.join(", ")}`;
  }
  if (came === undefined) return `option "${path}" is missing`;
  return `option "${path}" is ${show(came)}: ${issue.message}`;
}

/** Tells where a value stands, from its path: `file.yaml:3:5`. */
export type Where = (path: readonly PropertyKey[]) => string;

/**
 * Checks options against a schema and fills in defaults.
 * Throws `UserError` with one line: where, the option, what came, what is allowed.
 */
export function parseOptions<O>(schema: z.ZodType<O>, raw: unknown, where: string | Where): O {
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  const { issues } = result.error;
  // A misspelt option is also a missing one; its own name says more.
  const issue = issues.find(({ code }) => code === "unrecognized_keys") ?? issues[0]!;
  const key = issue.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [];
  const place = typeof where === "string" ? where : where([...issue.path, ...key]);
  throw new UserError(`${place}: ${describeIssue(issue, raw, schema)}`);
}
