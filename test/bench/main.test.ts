import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { casesOf } from "../../bench/cases.js";
import { main } from "../../bench/main.js";
import { flopsOf } from "../../bench/material.js";
import { readOptions } from "../../bench/options.js";
import { peerFolder } from "../../bench/peer.js";
import { jobNames } from "../../bench/work.js";
import { exitCodes } from "../../src/core/errors.js";
import { inFolder, root } from "../support/program.js";

/** Runs the bench with nothing installed for the peer. */
async function bench(...words: string[]) {
  return benchWith("/nowhere/ours.js", words);
}

async function benchWith(script: string, words: readonly string[]) {
  let [out, err] = ["", ""];
  const code = await main(words, {
    root,
    script,
    environment: { ISOSCOPE_CACHE: "/nowhere" },
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += `${text}\n`;
    },
  });
  return { code, out, err };
}

describe("the command line of the bench", () => {
  it("explains every job and option", async () => {
    const { code, out } = await bench("--help");
    expect(code).toBe(exitCodes.done);
    for (const job of jobNames) expect(out).toContain(`\n  ${job} `);
    const options = "only cases reps wait threads backend quick json record counters help";
    for (const name of options.split(" ")) expect(out).toContain(`  --${name}`);
    expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  it("runs every job that has a peer unless one is named, each once", () => {
    expect(readOptions([])).toMatchObject({ jobs: ["spp", "train", "conv", "random"] });
    expect(readOptions(["conv", "engine", "conv"])).toMatchObject({ jobs: ["conv", "engine"] });
    expect(readOptions(["rewrites"])).toMatchObject({ jobs: ["rewrites"] });
    const asked = readOptions(["spp", "--reps", "3", "--threads", "5", "--cases", "a,b"]);
    expect(asked).toMatchObject({ reps: 3, threads: 5, cases: ["a", "b"], backends: ["onnx"] });
    expect(readOptions(["--backend", "wasm,cpu"])).toMatchObject({ backends: ["wasm", "cpu"] });
  });

  it.each([
    [["sp"], /unknown job "sp"; allowed: spp/],
    [["--rep", "3"], /'--rep'.*see --help/],
    [["--reps", "0"], /--reps 0; allowed: a whole number from 1/],
    [["--threads", "two"], /--threads two/],
    [["--only", "theirs"], /--only "theirs"; allowed: ours, peer/],
    [["--backend", "onx"], /"onx"; allowed: .*did you mean "onnx"/],
    [["spp", "--cases", "resnet50"], /unknown case "resnet50"; allowed: resnet50-b64/],
    [["--record", "--quick"], /--record; allowed: with both sides and without --quick/],
    [["--record", "--only", "ours"], /--record/],
  ])("%j ends in one line and exit code 2", async (words, says) => {
    const { code, out, err } = await bench(...words);
    expect({ code, out }).toEqual({ code: exitCodes.badInput, out: "" });
    expect(err.trimEnd().split("\n")).toHaveLength(1);
    expect(err).toMatch(says);
  });
});

describe("a side that cannot start", () => {
  it("ends the bench with its own line and exit code", async () => {
    await inFolder(async (folder) => {
      const script = join(folder, "ours.cjs");
      const answer = JSON.stringify({ error: "backend: no such thing", exitCode: 2 });
      writeFileSync(script, `process.stdin.on("data", () => console.log('${answer}'));`);
      const { code, err } = await benchWith(script, ["random", "--only", "ours", "--quick"]);
      expect({ code, err }).toEqual({ code: 2, err: "bench: ours: backend: no such thing\n" });
    });
  });
});

describe("the peer", () => {
  it("that is not installed is told in one line that says how to install it", async () => {
    const { code, out, err } = await bench("random", "--only", "peer", "--quick");
    expect({ code, out }).toEqual({ code: exitCodes.machine, out: "" });
    expect(err).toMatch(/^bench: .*not installed.*bash bench\/setup\.sh\n$/);
  });

  it("lives in the user's cache folder, or in the one that ISOSCOPE_CACHE names", () => {
    expect(peerFolder({ XDG_CACHE_HOME: "/x" })).toBe("/x/isoscope/bench");
    expect(peerFolder({ XDG_CACHE_HOME: "/x", ISOSCOPE_CACHE: "/y" })).toBe("/y/bench");
    expect(peerFolder({})).toMatch(/\.cache\/isoscope\/bench$/);
  });
});

describe("the cases", () => {
  const all = jobNames.flatMap((job) => [true, false].flatMap((tiny) => casesOf(job, tiny)));

  it("have names of their own within a job", () => {
    for (const job of jobNames) {
      for (const tiny of [true, false]) {
        const names = casesOf(job, tiny).map(({ name }) => name);
        expect(new Set(names).size).toBe(names.length);
      }
    }
  });

  it("name a contender once, and one that is ours", () => {
    for (const { contenders } of all) {
      expect(new Set(contenders.map(({ who }) => who)).size).toBe(contenders.length);
      expect(contenders.some(({ side }) => side === "ours")).toBe(true);
    }
  });

  it("count the operations that a hand count finds", () => {
    const found = Object.fromEntries(
      all.map(({ name, work }) => [name, (flopsOf(work) ?? 0) / 1e9] as const),
    );
    // Forward of ResNet-18 and -50 on 32x32 images: 0.5558 and 1.2978 billion multiply-adds.
    expect(found["resnet18-b64"]).toBeCloseTo(2 * 64 * (2 * 0.5558) - 0.2265, 0);
    expect(found["resnet50-b64"]).toBeCloseTo(2 * 64 * (2 * 1.2978) - 0.2265, 0);
    expect(found["16x16x128-dw"]).toBeCloseTo((2 * 9 * 32 * 16 ** 2 * 128 ** 2) / 1e9, 6);
    // Stride 2, so that a filter meets a quarter of the pixels, and has twice the outputs.
    expect(found["phases-16x16x128-256"]).toBeCloseTo((2 * 9 * 64 * 8 ** 2 * 128 * 256) / 1e9, 6);
    expect(found["mask-32x32x64"]).toBe(0);
    expect(found["16x16x128-forward"]).toBeCloseTo(6 * found["16x16x128-dw"]!, 6);
  });
});
