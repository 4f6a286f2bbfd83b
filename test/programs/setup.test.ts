import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Outcome } from "../support/program.js";
import { inFolder, root, tiny } from "../support/program.js";

/** Programs that stand for the machine's, by what they do with their words. */
type Machine = Readonly<Record<string, string>>;

const fine = "echo 1.3";

/** A machine that lacks nothing, but whose pip does what it is told here. */
const machine = (pip: string): Machine => ({
  python3: `case "$*" in *download*) ${pip} ;; *) ${fine} ;; esac`,
  make: fine,
  "g++": fine,
  npm: fine,
});

const without = (name: string): Machine =>
  Object.fromEntries(Object.entries(machine(fine)).filter(([other]) => other !== name));

/** The surroundings in which the PATH holds a made-up machine, and the cache is below a folder. */
function surroundings(programs: Machine, folder: string) {
  const path = join(folder, "programs");
  mkdirSync(path);
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(path, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(path, name), 0o755);
  }
  const env = { PATH: path, HOME: folder, ISOSCOPE_CACHE: join(folder, "cache"), NO_COLOR: "1" };
  return { env, encoding: "utf8" } as const;
}

const program = join(root, "bin", "isoscope.js");

function setUp(words: readonly string[], programs: Machine, folder: string): Outcome {
  const given = [program, "setup", ...words];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    given,
    surroundings(programs, folder),
  );
  return { code: status, out: stdout, err: stderr };
}

const noNetwork = 'echo "Temporary failure in name resolution" >&2; exit 1';
const noSpace = 'echo "ERROR: [Errno 28] No space left on device" >&2; exit 1';
/** Puts a file of the right name where pip was told to. */
const otherFile = `
  while [ "$1" != "--dest" ]; do shift; done
  /bin/mkdir "$2"
  echo "hello" > "$2/tensorflow_cpu-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl"`;

const cases: readonly (readonly [string, Machine, RegExp])[] = [
  ["python3", without("python3"), /python3 is not on the PATH; install it .*python3/],
  ["pip", { ...machine(""), python3: 'case "$*" in *pip*) exit 1 ;; esac' }, /python3 has no pip/],
  ["npm", without("npm"), /npm is not on the PATH/],
  ["make", without("make"), /make is not on the PATH; install it .*make/],
  ["a compiler", without("g++"), /g\+\+ is not on the PATH; install it .*g\+\+/],
  ["a network", machine(noNetwork), /by pip failed: the package index cannot be reached/],
  ["room on the disk", machine(noSpace), /by pip failed: the disk is full/],
  ["the right file", machine(otherFile), /is not the file it should be: its sha256 is [0-9a-f]+/],
];

describe("isoscope setup tensorflow", () => {
  it.each(cases)(
    "without %s exits 5 with one line and leaves nothing",
    async (_, programs, says) => {
      await inFolder((folder) => {
        const { code, out, err } = setUp(["tensorflow"], programs, folder);
        expect({ code, err }).toMatchObject({ code: 5 });
        expect(out).toBe("");
        const lines = err.trim().split("\n");
        expect(lines.filter((line) => line.startsWith("isoscope: "))).toHaveLength(1);
        expect(lines.at(-1)).toMatch(says);
        const cache = join(folder, "cache");
        const left = existsSync(cache) ? readdirSync(cache, { recursive: true }) : [];
        expect(left.filter((name) => name !== "downloads")).toEqual([]);
      });
    },
  );
});

describe("isoscope setup", () => {
  it("lists what there is and what is set up, and marks a finished one", async () => {
    await inFolder((folder) => {
      const { code, out } = setUp([], {}, folder);
      expect(code).toBe(0);
      expect(out).toMatch(/tensorflow --gpu .* not set up/);
      expect(out).toMatch(/cuda .* not set up/);
    });
    await inFolder((folder) => {
      const done = join(folder, "cache", "tensorflow-2.21.0");
      mkdirSync(done, { recursive: true });
      writeFileSync(join(done, "isoscope.json"), "{}");
      const { code, out } = setUp(["tensorflow"], {}, folder);
      expect(code).toBe(0);
      expect(out).toMatch(/is set up in .*tensorflow-2\.21\.0; --force does it again/);
    });
  });

  it.each([
    [["tensorflw"], /did you mean "tensorflow"/],
    [["--force"], /allowed: tensorflow, cuda/],
    [["cuda", "--gpu"], /--gpu belongs to tensorflow/],
    [["tensorflow", "cuda"], /one at a time/],
  ])("refuses %j with exit 2", async (words, says) => {
    await inFolder((folder) => {
      const { code, out, err } = setUp(words, {}, folder);
      expect(code).toBe(2);
      expect(out).toBe("");
      expect(err).toMatch(says);
    });
  });

  it("stops on Ctrl-C with exit 75, ends what it started and leaves no half", async () => {
    await inFolder(async (folder) => {
      const note = join(folder, "started");
      const waiting = `echo "$$" > ${note}; exec /bin/sleep 60`;
      const around = surroundings(machine(waiting), folder);
      const child = spawn(process.execPath, [program, "setup", "tensorflow"], around);
      const timer = setInterval(() => {
        if (existsSync(note)) child.kill("SIGINT");
      }, 50);
      const code = await new Promise<number | null>((resolve) => child.on("exit", resolve));
      clearInterval(timer);
      expect(code).toBe(75);
      expect(readdirSync(join(folder, "cache", "downloads"))).toEqual([]);
      const pip = Number(readFileSync(note, "utf8"));
      expect(() => process.kill(pip, 0)).toThrow(/ESRCH/);
    });
  });
});

describe("a backend that is not set up", () => {
  it("ends in one line that names the command", async () => {
    await inFolder((folder) => {
      const words = [program, "spp", tiny, "--backend", "tensorflow", "--out", "out"];
      const around = surroundings({}, folder);
      const { status, stderr } = spawnSync(process.execPath, words, { ...around, cwd: folder });
      expect(status).toBe(5);
      expect(stderr.trim().split("\n").at(-1)).toBe(
        'isoscope: backend "tensorflow" cannot start: it is not set up; run isoscope setup tensorflow',
      );
      expect(existsSync(join(folder, "out"))).toBe(false);
    });
  });
});
