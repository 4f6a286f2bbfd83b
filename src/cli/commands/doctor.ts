import { availableParallelism } from "node:os";
import { exitCodes, messageOf } from "../../core/errors.js";
import { toJson } from "../../core/json.js";
import type * as tf from "../../engine/tf.js";
import type { Command } from "../command.js";
import { formatTable } from "../table.js";

interface Finding {
  readonly what: string;
  readonly state: "works" | "missing";
  readonly detail: string;
}

/** Runs a convolution and its gradient on a backend and compares with the sum by hand. */
async function checkBackend(name: string): Promise<Finding> {
  const what = `backend ${name}`;
  try {
    const { useBackend } = await import("../../engine/index.js");
    const engine = await import("../../engine/tf.js");
    await useBackend(name);
    const gradient = engine.tidy(() => {
      const filter = engine.fill([3, 3, 4, 2], 0.6);
      const f = (x: tf.Tensor) =>
        engine.sum(engine.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 1));
      return (
        engine
          .grad(f)(engine.fill([1, 5, 5, 4], 1.3))
          .dataSync()[48] ?? 0
      );
    });
    const expected = 9 * 2 * 0.6;
    if (Math.abs(gradient - expected) > 1e-4)
      throw new Error(`gradient ${gradient}, should be ${expected}`);
    return { what, state: "works", detail: "convolution and its gradient are right" };
  } catch (error) {
    return { what, state: "missing", detail: messageOf(error).split("\n")[0] ?? "" };
  }
}

async function checkCharts(): Promise<Finding> {
  const what = "charts";
  try {
    const { toSvg } = await import("../../report/vega.js");
    const { toPng } = await import("../../report/png.js");
    const spec = {
      data: { values: [{ block: 1, variance: 0.6 }] },
      mark: "point",
      encoding: {
        x: { field: "block", type: "quantitative" },
        y: { field: "variance", type: "quantitative" },
      },
    };
    const { svg } = await toSvg(spec);
    const png = await toPng(svg);
    return { what, state: "works", detail: `SVG and PNG (${png.length} bytes)` };
  } catch (error) {
    return { what, state: "missing", detail: messageOf(error).split("\n")[0] ?? "" };
  }
}

/** `isoscope doctor`. */
const command: Command = {
  name: "doctor",
  usage: "",
  summary: "check what this machine can do: engines, memory, charts",
  flags: {},
  examples: [["isoscope doctor", "works / missing, with the reason"]],
  run: async (_given, terminal) => {
    const { availableMemory } = await import("../../engine/memory.js");
    const { backendNames, engineVersions } = await import("../../engine/index.js");
    const { formatBytes } = await import("../../core/bytes.js");
    const machine: Finding = {
      what: "machine",
      state: "works",
      detail: `Node ${process.versions.node}, ${process.platform} ${process.arch}, ${availableParallelism()} cores, ${formatBytes(availableMemory())} of memory free`,
    };
    const findings = [machine];
    for (const name of backendNames) findings.push(await checkBackend(name));
    findings.push(await checkCharts());
    const versions = await engineVersions();
    const table = {
      header: ["what", "state", "detail"],
      rows: findings.map((f) => [f.what, f.state, f.detail]),
    };
    const versionLine = Object.entries(versions)
      .map(([name, v]) => `${name} ${v}`)
      .join(", ");
    terminal.out(
      terminal.json
        ? toJson({ schemaVersion: 1, findings, versions })
        : `${formatTable(table)}\n\n${versionLine}`,
    );
    const needed = findings.filter(({ what }) => what === "backend onnx" || what === "charts");
    return needed.every(({ state }) => state === "works") ? exitCodes.done : exitCodes.machine;
  },
};

export default command;
