import { UserError } from "../core/errors.js";
import type { StatisticName, Statistics } from "../core/moments.js";
import { statisticNames, uniformStatistics } from "../core/moments.js";
import type { Key } from "../core/random.js";
import { z } from "../core/schema.js";
import type { Analysis, Subject } from "./analysis.js";
import { measurePropagation } from "./parts/measure-propagation.js";
import { predictPath } from "./parts/prediction.js";
import { forecastPropagation } from "./parts/propagate.js";
import { propagationCharts } from "./parts/propagation-charts.js";
import type { SignalId } from "./parts/propagation-pass.js";
import type { Direction, PropagationRow } from "./parts/propagation-row.js";
import { placeOf } from "./parts/propagation-row.js";
import { propagationVerdicts } from "./parts/propagation-verdict.js";
import { summaryTable } from "./parts/table.js";

const options = z.strictObject({
  /**
   * What starts the backward pass: the gradient of the cross-entropy to the true labels, mean over
   * the batch (so a gradient of one sample carries 1/batch), or independent standard normal numbers
   * at the features.
   */
  cotangent: z.enum(["loss", "gaussian"]).default("loss"),
  /** Statistics that batch norm uses. */
  batchStatistics: z.enum(["batch", "running"]).default("batch"),
  /** Whether dropout drops. */
  dropout: z.enum(["on", "off"]).default("off"),
});

type Options = z.infer<typeof options>;
type Found = ReadonlyMap<SignalId, Statistics>;
type Predicted = Pick<PropagationRow, "predicted" | "asInPaper">;

const unknown: Predicted = { predicted: null, asInPaper: null };

function checkLabels({ batch, network }: Subject): void {
  const wrong = batch.labels.find((label) => label < 0 || label >= network.classes);
  if (wrong !== undefined)
    throw new UserError(
      `spp: label ${wrong} in the data; the network has ${network.classes} classes (0 to ${network.classes - 1})`,
    );
}

/** A tap that no gradient reaches is never called: its gradient is zero. */
function statisticsOf(found: Found, direction: Direction, signal: string): Statistics {
  return found.get(`${direction} ${signal}`) ?? uniformStatistics(0);
}

function predictions(subject: Subject, found: Found, direction: Direction, name: StatisticName) {
  const at = (signal: string) => statisticsOf(found, direction, signal)[name].value;
  const blocks = subject.network.blocks.map((_, k) => at(`blocks.${k}`));
  const measured = { stem: at("stem"), blocks };
  const ours = predictPath(subject.network, direction, name, measured);
  const printed = predictPath(subject.network, direction, name, measured, "asInPaper");
  return ours.map((predicted, k): Predicted => ({ predicted, asInPaper: printed[k] ?? null }));
}

function rowsOf(
  subject: Subject,
  found: Found,
  direction: Direction,
  signals: readonly string[],
): readonly PropagationRow[] {
  const byStatistic = new Map(
    statisticNames.map((name) => [name, predictions(subject, found, direction, name)]),
  );
  return signals.flatMap((signal) => {
    const { part, block } = placeOf(signal)!;
    const stage = block === null ? null : subject.network.blocks[block - 1]!.stage;
    const statistics = statisticsOf(found, direction, signal);
    return statisticNames.map((statistic) => ({
      signal,
      block,
      stage,
      direction,
      statistic,
      ...statistics[statistic],
      ...((part === "output" ? byStatistic.get(statistic)?.[block! - 1] : undefined) ?? unknown),
    }));
  });
}

async function* measure(subject: Subject, settings: Options, key: Key) {
  if (settings.cotangent === "loss") checkLabels(subject);
  const found = await measurePropagation(subject, settings, key);
  const signals = [...found.keys()]
    .filter((id) => id.startsWith("forward "))
    .map((id) => id.slice("forward ".length));
  yield* rowsOf(subject, found, "forward", signals);
  // A Gaussian cotangent starts at the features, so the logits have no gradient to speak of.
  const reached = signals.filter((name) => settings.cotangent === "loss" || name !== "logits");
  yield* rowsOf(subject, found, "backward", reached);
}

/** Signal-propagation plots: variances of every signal forward and of its gradient backward. */
export const spp: Analysis<Options, PropagationRow> = {
  title: "Signal propagation",
  source:
    "Brock et al. 2021, arXiv:2101.08692 (forward); Civitelli et al. 2021, arXiv:2112.12299, figure 2 (backward)",
  summary:
    "Variance, channel-averaged variance, squared channel mean and mean square of every signal forward and of its " +
    "gradient backward, with growth a block and mean-field predictions",
  question: "Does the signal keep its size from block to block, forward and backward?",
  options,
  quick: {},
  measure,
  forecast: forecastPropagation,
  charts: propagationCharts,
  verdicts: propagationVerdicts,
  table: summaryTable,
};

export default spp;
