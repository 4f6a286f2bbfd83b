import type { Work } from "../../../src/cli/setup/work.js";

/** A set-up that nobody stops, and what it has said. */
export function quietWork(): Work & { readonly said: string[] } {
  const said: string[] = [];
  return { said, say: (line) => said.push(line), signal: new AbortController().signal };
}
