import { UserError } from "../../core/errors.js";

/** A reader's name and what it was given. */
export interface DataArgument {
  readonly name: string;
  readonly argument: string | undefined;
}

/** Splits `cifar10:DIR` at its first colon. Throws `UserError` when there is no name. */
export function parseDataArgument(text: string): DataArgument {
  const colon = text.indexOf(":");
  const name = (colon < 0 ? text : text.slice(0, colon)).trim();
  if (name === "") {
    throw new UserError(`--data "${text}": the name is missing; allowed: NAME or NAME:ARGUMENT`);
  }
  const argument = colon < 0 ? "" : text.slice(colon + 1);
  return { name, argument: argument === "" ? undefined : argument };
}
