import { afterEach, expect, test, vi } from "vitest";
import { main } from "../../src/cli/main.js";
import { engineWarning } from "../../src/engine/warnings.js";

afterEach(() => vi.restoreAllMocks());

/** Everything that the program writes to stderr, and then a warning of the engine. */
async function stderrOf(words: string[], warning: string): Promise<string> {
  const written: string[] = [];
  vi.spyOn(process.stdout, "write").mockReturnValue(true);
  vi.spyOn(process.stderr, "write").mockImplementation((text) => written.push(String(text)) > 0);
  expect(await main(words)).toBe(0);
  engineWarning(warning, `${warning} runs in JavaScript`);
  return written.join("");
}

test("warnings of the engine are notes of the program, one line each", async () => {
  expect(await stderrOf(["list", "architectures"], "Cumprod")).toBe(
    "isoscope: Cumprod runs in JavaScript\n",
  );
});
