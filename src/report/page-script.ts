/**
 * The program of the page: draws every chart in the colours of the screen, again when they change,
 * and saves charts on request. It evaluates no text as code (`ast`), so the page can forbid that.
 */
export const pageScript = `
(() => {
  "use strict";
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const charts = read("charts");
  const configs = read("configs");
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const views = new Map();
  let queue = Promise.resolve();

  async function draw(chart) {
    const figure = document.getElementById("chart-" + chart.name);
    const scheme = dark.matches ? "dark" : "light";
    const before = views.get(chart.name);
    if (before) before.finalize();
    try {
      const result = await vegaEmbed(figure.querySelector(".live"), chart.specification, {
        mode: "vega-lite", renderer: "svg", ast: true, actions: false, defaultStyle: false,
        config: configs[scheme], tooltip: { theme: scheme },
      });
      views.set(chart.name, result);
      figure.classList.add("drawn");
      figure.classList.remove("failed");
    } catch (error) {
      figure.classList.add("failed");
      console.error(error);
    }
  }

  function drawAll() {
    for (const chart of charts) queue = queue.then(() => draw(chart));
    queue = queue.then(() => { document.documentElement.dataset.scheme = dark.matches ? "dark" : "light"; });
  }

  function save(name, blob) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  const formats = {
    svg: async (chart) => new Blob([await views.get(chart.name).view.toSVG()], { type: "image/svg+xml" }),
    png: async (chart) => {
      const canvas = await views.get(chart.name).view.toCanvas(2);
      return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    },
    "vl.json": async (chart) =>
      new Blob([JSON.stringify({ ...chart.specification, config: configs.light }, null, 1)],
        { type: "application/json" }),
  };

  document.addEventListener("click", async (event) => {
    const format = event.target.dataset && event.target.dataset.save;
    if (!format) return;
    const id = event.target.closest("figure").id;
    const chart = charts.find(({ name }) => "chart-" + name === id);
    if (views.has(chart.name)) save(chart.name + "." + format, await formats[format](chart));
  });

  dark.addEventListener("change", drawAll);
  drawAll();
})();
`;
