import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { inFolder, isoscope, startIsoscope, tiny } from "../support/program.js";

const words = (out: string, ...more: string[]) => [
  ...["spp", tiny, "fixup:depth=8", "--batch", "4", "--seeds", "2", "--out", out],
  ...more,
];

function bytesOf(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  const files = names.filter((name) => statSync(join(folder, name)).isFile());
  return Object.fromEntries(
    files.map((name) => [name, readFileSync(join(folder, name), "base64")]),
  );
}

describe("isoscope spp", () => {
  it("writes a report, prints a table on stdout and its path last", async () => {
    await inFolder((folder) => {
      const out = join(folder, "out");
      const { code, out: text } = isoscope(words(out));
      expect(code).toBe(0);
      expect(text.trim().split("\n").at(-1)).toBe(`report: ${join(out, "index.html")}`);
      expect(text).toMatch(/isonet/);
      for (const name of ["index.html", "report.md", "rows.jsonl", "experiment.json"]) {
        expect(existsSync(join(out, name)), name).toBe(true);
      }
      expect(existsSync(join(out, ".partial"))).toBe(false);
    });
  });

  it("prints one JSON document with --json, and nothing else on stdout", async () => {
    await inFolder((folder) => {
      const { code, out } = isoscope(words(join(folder, "out"), "--json"));
      expect(code).toBe(0);
      const document = JSON.parse(out) as {
        schemaVersion: number;
        rows: unknown[];
        verdicts: unknown[];
        files: string[];
      };
      expect(document.schemaVersion).toBe(1);
      expect(document.rows.length).toBeGreaterThan(100);
      expect(document.verdicts.length).toBeGreaterThanOrEqual(4);
      expect(document.files.every((file) => existsSync(file))).toBe(true);
    });
  });

  it("takes a setting of the analysis as a flag or by --set, to the same end", async () => {
    await inFolder((folder) => {
      const flag = isoscope(words(join(folder, "a"), "--json", "--cotangent", "gaussian"));
      const set = isoscope(words(join(folder, "b"), "--json", "--set", "cotangent=gaussian"));
      const parts = (text: string) => {
        const { rows, config } = JSON.parse(text) as {
          rows: object[];
          config: { settings: object };
        };
        return { rows, settings: config.settings };
      };
      expect(parts(flag.out).settings).toMatchObject({ cotangent: "gaussian" });
      expect(parts(flag.out)).toEqual(parts(set.out));
    });
  });

  it("gives the same bytes when the same command runs twice, into the same folder or another", async () => {
    await inFolder((folder) => {
      const [first, second] = [join(folder, "a"), join(folder, "b")];
      isoscope(words(first));
      const before = bytesOf(first);
      expect(isoscope(words(first)).code).toBe(0);
      expect(bytesOf(first)).toEqual(before);
      isoscope(words(second));
      expect(bytesOf(second)).toEqual(before);
    });
  });

  it("draws again from the rows alone, to the same bytes", async () => {
    await inFolder((folder) => {
      const out = join(folder, "out");
      isoscope(words(out));
      const before = bytesOf(out);
      expect(isoscope(["report", out]).code).toBe(0);
      expect(bytesOf(out)).toEqual(before);
    });
  });

  it("keeps the other files when it draws one format again, and drops pictures of other rows", async () => {
    await inFolder((folder) => {
      const out = join(folder, "out");
      isoscope(words(out));
      const before = bytesOf(out);
      expect(isoscope(["report", out, "--format", "html"]).code).toBe(0);
      expect(bytesOf(out)).toEqual(before);
      isoscope([...words(out, "--format", "html"), "--seeds", "1"]);
      expect(Object.keys(bytesOf(out)).filter((name) => name.endsWith(".png"))).toEqual([]);
    });
  });

  it("writes only the formats asked for", async () => {
    await inFolder((folder) => {
      const out = join(folder, "out");
      isoscope(words(out, "--format", "svg"));
      const names = Object.keys(bytesOf(out));
      expect(names.some((name) => name.endsWith(".svg"))).toBe(true);
      expect(names.filter((name) => /\.(png|html|md)$/.test(name))).toEqual([]);
    });
  });

  it("stops on Ctrl-C with exit 75 and goes on from the finished parts to the same bytes", async () => {
    await inFolder(async (folder) => {
      const [whole, cut] = [join(folder, "whole"), join(folder, "cut")];
      const long = (out: string) => [
        "spp",
        "isonet:input=cifar,depth=20",
        "--batch",
        "32",
        "--seeds",
        "6",
        "--out",
        out,
      ];
      const child = startIsoscope(long(cut));
      const partial = join(cut, ".partial");
      const finished = () =>
        existsSync(partial) ? readdirSync(partial).filter((n) => n.endsWith(".jsonl")).length : 0;
      const code = await new Promise<number | null>((resolve) => {
        const timer = setInterval(() => {
          if (finished() === 0) return;
          clearInterval(timer); // a second signal would end the program at once
          child.kill("SIGINT");
        }, 20);
        child.on("exit", (status) => {
          clearInterval(timer);
          resolve(status);
        });
      });
      expect(code).toBe(75);
      expect(finished()).toBeGreaterThan(0);
      expect(existsSync(join(cut, "index.html"))).toBe(false);
      expect(isoscope(long(cut)).code).toBe(0);
      expect(isoscope(long(whole)).code).toBe(0);
      expect(bytesOf(cut)).toEqual(bytesOf(whole));
    });
  });

  it("is quiet when its reader goes away", async () => {
    await inFolder(async (folder) => {
      const child = startIsoscope(words(join(folder, "out"), "--json"));
      child.stdout.once("data", () => child.stdout.destroy());
      const errors: string[] = [];
      child.stderr.on("data", (chunk: Buffer) => errors.push(chunk.toString()));
      const code = await new Promise<number | null>((resolve) => child.on("exit", resolve));
      expect(code).toBe(0);
      expect(errors.join("")).not.toMatch(/EPIPE|Error/);
    });
  });

  it("measures the weights of a file, and its own weights give its own rows", async () => {
    await inFolder((folder) => {
      const file = join(folder, "w.safetensors");
      const seed = ["--seeds", "3,", "--batch", "4", "--json"];
      expect(isoscope(["init", tiny, "--seed", "3", "--out", file]).code).toBe(0);
      const fresh = isoscope(["spp", tiny, ...seed, "--out", join(folder, "fresh")]);
      const loaded = isoscope([
        "spp",
        tiny,
        ...seed,
        "--weights",
        file,
        "--out",
        join(folder, "loaded"),
      ]);
      expect(loaded.code).toBe(0);
      const rows = (text: string) => (JSON.parse(text) as { rows: unknown }).rows;
      expect(rows(loaded.out)).toEqual(rows(fresh.out));
    });
  });

  it("lists every wrong name when the weights are another network's", async () => {
    await inFolder((folder) => {
      const file = join(folder, "w.safetensors");
      isoscope(["init", "fixup:depth=8", "--out", file]);
      const { code, err } = isoscope([
        "spp",
        tiny,
        "--weights",
        file,
        "--out",
        join(folder, "out"),
      ]);
      expect(code).toBe(2);
      expect(err).toMatch(/missing/);
      expect(err).toMatch(/unexpected/);
    });
  });

  it("tells a signal that overflows as a result with its block", async () => {
    await inFolder((folder) => {
      const out = join(folder, "out");
      const network = "resnet:input=cifar,depth=1202,batchNorm=false,activationOrder=pre";
      const { code, out: text } = isoscope([
        "spp",
        network,
        "--batch",
        "2",
        "--seeds",
        "1",
        "--out",
        out,
        "--set",
        "cotangent=loss",
      ]);
      expect(code).toBe(0);
      expect(text).toMatch(/overflows at block \d+/);
      const rows = readFileSync(join(out, "rows.jsonl"), "utf8");
      expect(rows).toMatch(/"value":"(Infinity|NaN)"/);
      expect(rows).not.toMatch(/"value":null/);
    });
  });
});
