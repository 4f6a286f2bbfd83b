import { afterEach, describe, expect, it } from "vitest";
import type { Side } from "../../bench/side.js";
import { startSide } from "../../bench/side.js";
import { MachineError, UserError } from "../../src/core/errors.js";

let side: Side | undefined;

afterEach(async () => {
  await side?.close();
  side = undefined;
});

/** A side that runs these lines of JavaScript for every line it gets, as `line`. */
function saying(body: string): Side {
  const script = `
    const lines = require("node:readline").createInterface({ input: process.stdin });
    lines.on("line", (text) => { const line = JSON.parse(text); ${body} });`;
  side = startSide({
    name: "PyTorch",
    command: process.execPath,
    words: ["-e", script],
    environment: process.env,
  });
  return side;
}

describe("a side", () => {
  it("answers one command after the other, in the same process", async () => {
    const echo = saying("console.log(JSON.stringify({ got: line.n, pid: process.pid }));");
    const answers = [await echo.ask({ do: "time", n: 3 }), await echo.ask({ do: "time", n: 4 })];
    expect(answers).toEqual([
      { got: 3, pid: echo.pid },
      { got: 4, pid: echo.pid },
    ]);
  });

  it("that cannot is a failure of the machine in one line, unless the user asked wrongly", async () => {
    const failing = saying(
      "console.log(JSON.stringify({ error: 'no memory', exitCode: line.exitCode }));",
    );
    const machine = await failing.ask({ do: "time", exitCode: 5 }).catch((thrown) => thrown);
    expect(machine).toBeInstanceOf(MachineError);
    expect(machine.message).toBe("bench: PyTorch: no memory");
    const user = await failing.ask({ do: "time", exitCode: 2 }).catch((thrown) => thrown);
    expect(user).toBeInstanceOf(UserError);
  });

  it("that dies is told by its exit code and its last words", async () => {
    const dying = saying("console.error('first\\nImportError: no torch'); process.exit(3);");
    await expect(dying.ask({ do: "time" })).rejects.toThrow(
      "bench: PyTorch ended (exit code 3): ImportError: no torch",
    );
  });

  it("that does not exist is told by its path", async () => {
    const missing = startSide({
      name: "PyTorch",
      command: "/nowhere/python",
      words: [],
      environment: {},
    });
    await expect(missing.ask({ do: "start" })).rejects.toThrow(/PyTorch ended .*\/nowhere\/python/);
  });
});
