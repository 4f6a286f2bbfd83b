import type { Table } from "../../analyses/analysis.js";
import type { LayerRow } from "../../architectures/parts/describe.js";
import { exitCodes, UserError } from "../../core/errors.js";
import { toJson } from "../../core/json.js";
import { formatShape } from "../../core/shape.js";
import type { Member } from "../../experiment/experiment.js";
import type { Command } from "../command.js";
import { formatTable } from "../table.js";

const count = (n: number) => n.toLocaleString("en-US");
const kilobytes = (bytes: number) =>
  (bytes / 1024).toLocaleString("en-US", { maximumFractionDigits: 1 });

function tableOf(rows: readonly LayerRow[]): Table {
  return {
    header: ["layer", "kind", "output", "parameters", "MACs", "memory KiB"],
    rows: rows.map((row) => [
      row.name,
      row.kind,
      formatShape(row.outShape),
      count(row.parameters),
      count(row.macs),
      kilobytes(row.activationBytes),
    ]),
  };
}

function optionsLine(member: Member): string {
  const set = Object.entries(member.resolved).filter(([, value]) => value !== undefined);
  return set.map(([name, value]) => `${name}=${value}`).join(" ");
}

/** `isoscope describe ARCH`. */
const command: Command = {
  name: "describe",
  usage: "<architecture[:key=value,...]>",
  summary: "layers of a network: signal, output shape, parameters, MACs, activation memory",
  flags: {},
  examples: [
    ["isoscope describe r-isonet:depth=50", "224x224 images, 1000 classes"],
    ["isoscope describe isonet:input=cifar,block=bottleneck,depth=29", "another trunk"],
  ],
  run: async (given, terminal) => {
    const [text, ...more] = given.positionals;
    if (text === undefined || more.length > 0) {
      throw new UserError(
        "describe: one architecture is needed, as in isoscope describe fixup:depth=56",
      );
    }
    const { buildOne } = await import("../../experiment/resolve.js");
    const { layerTable, totals } = await import("../../architectures/parts/describe.js");
    const member = await buildOne(text);
    const rows = layerTable(member.network);
    const sum = totals(member.network);
    if (terminal.json) {
      terminal.out(
        toJson({
          schemaVersion: 1,
          network: member.label,
          options: member.resolved,
          layers: rows,
          totals: sum,
        }),
      );
      return exitCodes.done;
    }
    const lines = [
      `${member.label}  (${optionsLine(member)})`,
      ...(member.network.notes ?? []).map((note) => `note: ${note}`),
      "",
      formatTable(tableOf(rows)),
      "",
      `parameters ${count(sum.parameters)}, of them trainable ${count(sum.trainable)}`,
      `MACs ${count(sum.macs)} (${(sum.macs / 1e9).toFixed(4)} G); FLOPs = 2 MACs = ${count(sum.flops)} (${(sum.flops / 1e9).toFixed(3)} G)`,
      `activations ${kilobytes(sum.activationBytes)} KiB an image (float32, every layer's output)`,
    ];
    terminal.out(lines.join("\n"));
    return exitCodes.done;
  },
};

export default command;
