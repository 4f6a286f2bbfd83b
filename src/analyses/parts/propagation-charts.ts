import type { StatisticName } from "../../core/moments.js";
import type { Chart, Joined, Row } from "../analysis.js";
import type { BandRow } from "./bands.js";
import { bandsOf } from "./bands.js";
import { growthBarSpec, growthBars } from "./growth-bars.js";
import { panels } from "./panels.js";
import type { PropagationRow } from "./propagation-row.js";
import type { SeriesChoice } from "./series.js";
import { seriesOf } from "./series.js";

type PropagationChart = Chart<PropagationRow>;
type Rows = readonly Joined<PropagationRow>[];

/** One panel: its heading and the series it shows. */
interface View extends SeriesChoice {
  readonly panel: string;
}

/**
 * A panel's rows; the columns say which network, block, stage and direction, and which panel they
 * are in.
 */
function viewRows(rows: Rows, views: readonly View[]): readonly BandRow[] {
  return views.flatMap((view) =>
    seriesOf(rows, view).flatMap((series) => bandsOf(series, view.panel, view.direction)),
  );
}

function chartOf(
  text: Pick<PropagationChart, "name" | "title" | "howToRead">,
  yTitle: string,
  views: readonly View[],
): PropagationChart {
  return {
    ...text,
    data: (rows) => viewRows(rows, views),
    spec: (data) => panels(data, views, yTitle),
  };
}

function bothWays(statistic: StatisticName): readonly View[] {
  const of = { part: "output", statistic } as const;
  return [
    { panel: "forward: block outputs", direction: "forward", ...of },
    { panel: "backward: gradients at block outputs", direction: "backward", ...of },
  ];
}

const signalPropagation = chartOf(
  {
    name: "signal-propagation",
    title: "Variance of block outputs, forward and backward",
    howToRead:
      "A flat line is a network that preserves its signal; a straight slope is exponential growth or decay a block " +
      "(gradients travel right to left). Bands span the seeds, dashed lines are mean-field predictions, thin lines or " +
      "diamonds new stages; triangles mark where a signal overflows or becomes exactly zero.",
  },
  "variance (log scale)",
  bothWays("variance"),
);

const meanSquares = chartOf(
  {
    name: "mean-square",
    title: "Mean square of block outputs, forward and backward",
    howToRead:
      "The size of the signal with its mean: isometric networks keep this and not the variance, and their theory " +
      "(dashed) speaks of it; where it stays and the variance falls the signal turns into an offset.",
  },
  "mean square (log scale)",
  bothWays("meanSquare"),
);

function forwardView(panel: string, part: SeriesChoice["part"], statistic: StatisticName): View {
  return { panel, direction: "forward", part, statistic };
}

const channelStatistics = chartOf(
  {
    name: "channel-statistics",
    title: "Mean shift and channel variance",
    howToRead:
      "A squared channel mean that grows while the channel variance falls is a mean shift: channels carry an offset " +
      "instead of a signal; the third panel shows what the branches add. A series that is exactly zero has no line.",
  },
  "forward statistic (log scale)",
  [
    forwardView("average channel squared mean", "output", "averageChannelSquaredMean"),
    forwardView("average channel variance", "output", "averageChannelVariance"),
    forwardView("branch: average channel variance", "branch", "averageChannelVariance"),
  ],
);

const branchPanels = [
  forwardView("branch variance", "branch", "variance"),
  forwardView("shortcut variance", "shortcut", "variance"),
];
const ratioPanel = "branch / shortcut";

/** Branch over shortcut, seed by seed, as a series of its own. */
function ratioRows(rows: Rows): readonly BandRow[] {
  const shortcuts = seriesOf(rows, branchPanels[1]!);
  return seriesOf(rows, branchPanels[0]!).flatMap((branch) => {
    const shortcut = shortcuts.find(({ network }) => network === branch.network);
    const seeds = branch.seeds.map((points, seed) =>
      points.flatMap((point) => {
        const under = shortcut?.seeds[seed]?.find(({ block }) => block === point.block);
        if (under === undefined) return [];
        return [{ ...point, value: point.value / under.value, predicted: null, asInPaper: null }];
      }),
    );
    return bandsOf({ network: branch.network, seeds }, ratioPanel, "forward");
  });
}

const branchAgainstShortcut: PropagationChart = {
  name: "branch-and-shortcut",
  title: "Branch against shortcut",
  howToRead:
    "Where branch / shortcut is far below 1 a block is nearly its shortcut, far above 1 it forgets its input; both " +
    "are variances before the factor of the sum. A branch that is exactly zero has no line.",
  data: (rows) => [...viewRows(rows, branchPanels), ...ratioRows(rows)],
  spec: (data) => {
    const alike = branchPanels.map(({ panel }) => panel);
    const compared = alike.map((panel) => ({ panel, alike }));
    return panels(data, [...compared, { panel: ratioPanel }], "variance (log scale)");
  },
};

const growth: PropagationChart = {
  name: "growth",
  title: "Growth of the variance a block",
  howToRead:
    "Bars start at 1, no change: right of it the variance grows by this factor a block inside stages, left of it it " +
    "decays (backward: on the way to the input); lines are one standard error, ticks the theory.",
  data: (rows): readonly Row[] => growthBars(rows),
  spec: growthBarSpec,
};

/** The charts of signal propagation. */
export const propagationCharts: readonly PropagationChart[] = [
  signalPropagation,
  growth,
  channelStatistics,
  branchAgainstShortcut,
  meanSquares,
];
