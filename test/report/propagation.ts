import type { Joined } from "../../src/analyses/analysis.js";
import type { PropagationRow } from "../../src/analyses/parts/propagation-row.js";
import { spp } from "../../src/analyses/spp.js";
import { statisticNames } from "../../src/core/moments.js";
import type { ReportInput } from "../../src/report/index.js";
import { boundaries, type Shape, syntheticReport } from "./synthetic.js";

type SppRow = Joined<PropagationRow>;

/** Made-up rows of one network: exponential growth by its place in the list, seeds a tenth of a decade apart. */
function networkRows(name: string, i: number, shape: Shape): readonly SppRow[] {
  const [architecture = "", options = ""] = name.split(":");
  const rate = ((i % 2 === 0 ? 1 : -1) * shape.decades * (i + 1)) / shape.networks.length;
  const ends = boundaries(shape.blocks);
  return [0, 1, 2].flatMap((seed) =>
    (["forward", "backward"] as const).flatMap((direction) =>
      ["", ".branch", ".shortcut"].flatMap((part, p) =>
        Array.from({ length: shape.blocks }, (_, k) => k).flatMap((k) =>
          statisticNames.map((statistic, s): SppRow => {
            const way = direction === "forward" ? k + 1 : shape.blocks - k;
            const value = 10 ** ((rate * way) / shape.blocks + 0.1 * seed - 0.3 * p - 0.2 * s);
            return {
              architecture,
              options,
              seed,
              signal: `blocks.${k}${part}`,
              block: k + 1,
              stage: 1 + ends.filter((end) => k >= end).length,
              direction,
              statistic,
              value,
              standardError: value / 30,
              predicted: i === 0 && p === 0 ? value * 1.3 : null,
              asInPaper: null,
            };
          }),
        ),
      ),
    ),
  );
}

/** A report with the charts and verdicts of signal propagation over made-up rows. */
export function propagationReport(shape: Shape): ReportInput {
  const rows = shape.networks.flatMap((name, i) => networkRows(name, i, shape));
  const charts = spp.charts.map((chart) => {
    const data = chart.data(rows);
    return { ...chart, data, spec: chart.spec(data) };
  });
  const made = syntheticReport(shape);
  const summary = spp.table?.(rows) ?? made.summary;
  return { ...made, verdicts: spp.verdicts?.(rows) ?? [], charts, summary };
}
