import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { afterAll, expect, test } from "vitest";
import { MachineError, UserError } from "../../../src/core/errors.js";
import { keyOf, uniform } from "../../../src/core/random.js";
import type { Disk } from "../../../src/data/parts/disk.js";
import { nodeDisk } from "../../../src/data/parts/disk.js";
import { makeFolder, publish } from "../../../src/data/parts/publish.js";
import { randomBytes, temporaryFolder } from "./files-for-tests.js";

const temporary = temporaryFolder();
afterAll(() => temporary.remove());

let folders = 0;

function newFolder(): string {
  const path = join(temporary.path, `folder-${folders++}`);
  mkdirSync(path);
  return path;
}

function caught(action: () => void): Error | undefined {
  try {
    action();
  } catch (thrown) {
    return thrown as Error;
  }
  return undefined;
}

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: as if the system said so`), { code });
}

/** The real disk, whose n-th call (from 0) is met by `fault`; `calls` counts them. */
function faultyDisk(nth: number, fault: () => void): { readonly disk: Disk; calls(): number } {
  let calls = 0;
  const wrap = <A extends readonly unknown[], R>(call: (...given: A) => R) => {
    return (...given: A): R => {
      if (calls++ === nth) fault();
      return call(...given);
    };
  };
  const disk: Disk = {
    create: wrap(nodeDisk.create),
    openFolder: wrap(nodeDisk.openFolder),
    write: wrap(nodeDisk.write),
    sync: wrap(nodeDisk.sync),
    size: wrap(nodeDisk.size),
    close: wrap(nodeDisk.close),
    rename: wrap(nodeDisk.rename),
    remove: wrap(nodeDisk.remove),
    list: wrap(nodeDisk.list),
    written: wrap(nodeDisk.written),
    free: nodeDisk.free,
    makeFolder: wrap(nodeDisk.makeFolder),
  };
  return { disk, calls: () => calls };
}

test("Text and bytes are written whole, over old files too, and nothing else is left", () => {
  const folder = newFolder();
  const path = join(folder, "result.bin");
  const bytes = randomBytes(4, 100_000);
  publish(path, "old");
  publish(path, bytes);
  expect(new Uint8Array(readFileSync(path))).toEqual(bytes);
  publish(join(folder, "text"), "déjà vu");
  expect(readFileSync(join(folder, "text"), "utf8")).toBe("déjà vu");
  publish(join(folder, "empty"), "");
  expect(readdirSync(folder)).toEqual(["empty", "result.bin", "text"]);
});

const codes = ["EIO", "ENOSPC", "EDQUOT", "EACCES", "EINTR"];

test("Whichever call fails, the file is the old one or the new one, and no other is left", () => {
  const whole = faultyDisk(-1, () => {});
  publish(join(newFolder(), "x"), "new", whole.disk);
  expect(whole.calls()).toBeGreaterThan(8);
  for (const code of codes) {
    for (let nth = 0; nth < whole.calls(); nth++) {
      const folder = newFolder();
      const path = join(folder, "x");
      writeFileSync(path, "old");
      const { disk } = faultyDisk(nth, () => {
        throw systemError(code);
      });
      const failure = caught(() => publish(path, "new", disk));
      const text = readFileSync(path, "utf8");
      expect(failure === undefined ? ["new"] : ["old", "new"]).toContain(text);
      expect(readdirSync(folder)).toEqual(["x"]);
      if (failure === undefined) continue;
      expect(failure instanceof UserError || failure instanceof MachineError).toBe(true);
      expect(failure.message).not.toContain("\n");
    }
  }
});

test("A full disk or quota is a machine error that tells bytes needed and free", () => {
  for (const code of ["ENOSPC", "EDQUOT", "EFBIG"]) {
    const path = join(newFolder(), "x");
    const disk: Disk = {
      ...nodeDisk,
      free: () => 4096,
      write: () => {
        throw systemError(code);
      },
    };
    expect(caught(() => publish(path, "twelve bytes", disk))).toEqual(
      new MachineError(
        `${path}: not written, no space left (${code}): 12 bytes are needed, 4096 are free`,
      ),
    );
  }
});

test("Writes that take a few bytes each are gone on with", () => {
  const path = join(newFolder(), "x");
  const bytes = randomBytes(7, 1000);
  let turn = 0;
  const disk: Disk = {
    ...nodeDisk,
    write: (file, all, offset) => {
      if (turn++ % 3 === 0) return 0;
      return nodeDisk.write(file, all.subarray(0, Math.min(all.length, offset + 7)), offset);
    },
  };
  publish(path, bytes, disk);
  expect(new Uint8Array(readFileSync(path))).toEqual(bytes);
});

test("A disk that takes nothing, or loses bytes, is told and the old file kept", () => {
  const path = join(newFolder(), "x");
  publish(path, "old");
  const stuck = caught(() => publish(path, "new", { ...nodeDisk, write: () => 0 }));
  expect(stuck).toEqual(new MachineError(`${path}: the file system takes no more bytes`));
  const lost = caught(() => publish(path, "new", { ...nodeDisk, size: () => 2 }));
  expect(lost).toEqual(new MachineError(`${path}: 2 of 3 bytes arrived on the disk`));
  expect(readFileSync(path, "utf8")).toBe("old");
});

test("A bug is thrown as it is", () => {
  const disk: Disk = {
    ...nodeDisk,
    sync: () => {
      throw new TypeError("a bug");
    },
  };
  expect(caught(() => publish(join(newFolder(), "x"), "new", disk))).toEqual(
    new TypeError("a bug"),
  );
});

test("Places where no file can be are the user's error", () => {
  const folder = newFolder();
  writeFileSync(join(folder, "file"), "");
  mkdirSync(join(folder, "folder", "inner"), { recursive: true });
  const expected: readonly [string, RegExp][] = [
    [
      join(folder, "file", "x"),
      /not written, a part of the path is a file, not a folder \(ENOTDIR\)/,
    ],
    [join(folder, "none", "x"), /not written, the folder does not exist \(ENOENT\)/],
    [join(folder, "folder"), /not written, a folder has that name/],
    [join(folder, "n".repeat(300)), /not written, the name is too long/],
    [join(folder, "a\0b"), /not written, the path has a NUL character/],
  ];
  for (const [path, message] of expected) {
    const failure = caught(() => publish(path, "new"));
    expect(failure).toBeInstanceOf(UserError);
    expect(failure?.message).toMatch(message);
  }
  expect(readdirSync(folder)).toEqual(["file", "folder"]);
});

// Root may write into a folder that is read-only.
test("A read-only file system is the user's error", () => {
  const disk: Disk = {
    ...nodeDisk,
    create: () => {
      throw systemError("EROFS");
    },
  };
  expect(caught(() => publish("/x", "new", disk))).toEqual(
    new UserError("/x: not written, the file system is read-only (EROFS)"),
  );
});

test("Folders are made with those above them, and a file in the way is told", () => {
  const folder = newFolder();
  makeFolder(join(folder, "a", "b"));
  makeFolder(join(folder, "a", "b"));
  expect(statSync(join(folder, "a", "b")).isDirectory()).toBe(true);
  writeFileSync(join(folder, "file"), "");
  for (const path of [join(folder, "file"), join(folder, "file", "x")]) {
    expect(caught(() => makeFolder(path))).toBeInstanceOf(UserError);
  }
});

test.skipIf(process.platform === "win32")("A link is replaced; what it points to stays", () => {
  const folder = newFolder();
  const target = join(newFolder(), "target");
  writeFileSync(target, "kept");
  symlinkSync(target, join(folder, "x"));
  publish(join(folder, "x"), "new");
  expect(readFileSync(target, "utf8")).toBe("kept");
  expect(readFileSync(join(folder, "x"), "utf8")).toBe("new");
});

test("Files that a killed process left are removed after an hour, and no other files", () => {
  const folder = newFolder();
  const hourAgo = Date.now() / 1000 - 3700;
  for (const name of [".unfinished-999-0", ".unfinished-notes", "data"]) {
    writeFileSync(join(folder, name), "");
    utimesSync(join(folder, name), hourAgo, hourAgo);
  }
  writeFileSync(join(folder, `.unfinished-${process.pid}-0`), "");
  publish(join(folder, "x"), "new");
  const left = [`.unfinished-${process.pid}-0`, ".unfinished-notes", "data", "x"];
  expect(readdirSync(folder)).toEqual(left.sort());
});

/** What the writing program is made of, from `src`. */
const sources = [
  "core/errors",
  "core/suggest",
  "data/parts/files",
  "data/parts/disk",
  "data/parts/publish",
];

/** Compiles those files, with a program that writes for ever, another byte each time. */
function compileWriter(): string {
  const folder = newFolder();
  for (const name of sources) {
    const from = fileURLToPath(new URL(`../../../src/${name}.ts`, import.meta.url));
    const { outputText } = ts.transpileModule(readFileSync(from, "utf8"), {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
    });
    makeFolder(join(folder, dirname(name)));
    writeFileSync(join(folder, `${name}.js`), outputText);
  }
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  const program = `import { publish } from "./data/parts/publish.js";
    process.stdout.write("started");
    const first = Number(process.argv[3]);
    for (let n = first; ; n++) publish(process.argv[2], new Uint8Array(300_000).fill(n % 251));`;
  writeFileSync(join(folder, "writer.js"), program);
  return join(folder, "writer.js");
}

async function killWriter(script: string, path: string, first: number, wait: number) {
  const child = spawn(process.execPath, [script, path, String(first)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  await once(child.stdout, "data");
  await setTimeout(wait);
  child.kill("SIGKILL");
  const [, signal] = await exited;
  expect(signal).toBe("SIGKILL");
}

test("A writer that is killed 20 times at any moment never leaves a torn file", async () => {
  const path = join(newFolder(), "x");
  publish(path, new Uint8Array(300_000));
  const script = compileWriter();
  const seen = new Set<number>();
  const waits = [...uniform(keyOf(9), 20, 0, 80)];
  for (const [run, wait] of waits.entries()) {
    await killWriter(script, path, 1 + run * 12, wait);
    const bytes = readFileSync(path);
    expect(bytes.length).toBe(300_000);
    expect(bytes.every((byte) => byte === bytes[0])).toBe(true);
    seen.add(bytes[0]!);
  }
  // The writer was at work when it was killed: most kills met a file of another number.
  expect(seen.size).toBeGreaterThan(10);
});
