import { join } from "node:path";
import { expect, it } from "vitest";
import { comparedBackends, describeBackends } from "../engine/parts/backends.js";
import { inFolder, isoscope } from "../support/program.js";

interface Row {
  readonly options: string;
  readonly signal: string;
  readonly direction: string;
  readonly statistic: string;
  readonly value: number | string;
}

/** What the rows of an experiment are about, and their values. */
function measured(backend: string, folder: string) {
  const networks = ["isonet:input=cifar,depth=8", "resnet:input=cifar,depth=8"];
  const few = ["--batch", "2", "--seeds", "1", "--json", "--format", "svg"];
  const out = join(folder, backend);
  const {
    code,
    out: text,
    err,
  } = isoscope(["spp", ...networks, ...few, "--backend", backend, "--out", out], folder);
  expect({ code, err }).toMatchObject({ code: 0 });
  const { rows } = JSON.parse(text) as { rows: readonly Row[] };
  return {
    labels: rows.map(({ options, signal, direction, statistic }) => [
      options,
      signal,
      direction,
      statistic,
    ]),
    values: rows.map(({ value }) => Number(value)),
  };
}

const body = (backend: string) => {
  it("measures the rows that onnx measures", async () => {
    await inFolder((folder) => {
      const [found, expected] = [measured(backend, folder), measured("onnx", folder)];
      expect(found.labels).toEqual(expected.labels);
      // Float32 roundings through eight layers and back; a wrong kernel is off by a good part of 1.
      const apart = found.values.map((value, i) => {
        const right = expected.values[i]!;
        return Math.abs(value - right) / Math.max(Math.abs(right), 1e-6);
      });
      expect(Math.max(...apart)).toBeLessThan(1e-3);
    });
  });
};

describeBackends(
  (name) => `isoscope spp --backend ${name}`,
  body,
  comparedBackends.filter((name) => name !== "onnx"),
);
