import { type Finding, findingOf } from "./finding.js";

const chart = {
  data: { values: [{ block: 1, variance: 0.6 }] },
  mark: "point",
  encoding: {
    x: { field: "block", type: "quantitative" },
    y: { field: "variance", type: "quantitative" },
  },
};

/** Draws one point as SVG and PNG. */
export async function chartsFinding(): Promise<Finding> {
  return findingOf("charts", async () => {
    const { toSvg } = await import("../../report/vega.js");
    const { toPng } = await import("../../report/png.js");
    const { svg } = await toSvg(chart);
    const png = await toPng(svg);
    return { detail: `SVG and PNG (${png.length} bytes)` };
  });
}
