/** Draws docs/engine.svg: a residual branch as it is recorded, and the graph that it becomes. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { built, root } from "./ready.mjs";

const row = 30;
const box = { width: 250, height: 22 };
const top = 64;
const columns = { recorded: 150, graph: 640 };
const colours = { given: "#f2efe6", operation: "#dbe9f6", blocks: "#cfe8d5", other: "#ececec" };

const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");

function drawBox(x, index, text, fill, title) {
  const y = top + index * row;
  return `<g><title>${escaped(title)}</title><rect x="${x}" y="${y}" width="${box.width}" height="${box.height}" rx="4" fill="${fill}" stroke="#777"/><text x="${x + 8}" y="${y + 15}">${escaped(text)}</text></g>`;
}

/** An arc at the left side of a column, from a box down to one that reads it. */
function drawArc(x, from, to) {
  const [start, end] = [from, to].map((index) => top + index * row + box.height / 2);
  const reach = x - Math.min(120, 8 + 9 * (to - from));
  return `<path d="M${x} ${start} C${reach} ${start} ${reach} ${end} ${x - 2} ${end}" fill="none" stroke="#999" marker-end="url(#tip)"/>`;
}

/** A column of boxes in the order in which they are computed, with arcs for what each reads. */
function drawColumn(x, items) {
  const arcs = items.flatMap(({ inputs }, to) => inputs.map((from) => drawArc(x, from, to)));
  const boxes = items.map(({ text, fill, title }, i) => drawBox(x, i, text, fill, title));
  return [...arcs, ...boxes].join("\n");
}

const recordedItems = (operations) =>
  operations.map(({ kernel, shape, inputs }) => ({
    text: `${kernel === "" ? "given" : kernel}  [${shape.join(", ")}]`,
    fill: kernel === "" ? colours.given : colours.operation,
    title: kernel,
    inputs,
  }));

function nodeText({ operation, attributes, domain }) {
  if (domain !== "com.microsoft.nchwc") return operation;
  const each = attributes.group > 1 ? ", a filter a channel" : "";
  const joined = attributes.activation === undefined ? "" : ` + ${attributes.activation}`;
  return `${operation}${each}${joined}`;
}

/** Nodes without the reshapes, which move nothing. */
function graphItems(nodes) {
  const made = new Map();
  const items = [];
  for (const node of nodes) {
    const inputs = node.inputs.flatMap((value) => made.get(value) ?? []);
    if (node.operation === "Reshape") {
      made.set(node.outputs[0], inputs.slice(0, 1));
      continue;
    }
    for (const output of node.outputs) made.set(output, [items.length]);
    const fill = node.domain === "com.microsoft.nchwc" ? colours.blocks : colours.other;
    const sum = node.operation === "Conv" && node.inputs[3] !== undefined ? " + sum" : "";
    items.push({ text: `${nodeText(node)}${sum}`, fill, title: `for ${node.label}`, inputs });
  }
  return items;
}

/** The branch x + conv(relu(batch norm(conv(x)))), and the mean square of what comes out. */
async function explainBranch() {
  const { useBackend } = await import("../dist/engine/index.js");
  const { explain } = await import("../dist/engine/evaluation.js");
  const tf = await import("../dist/engine/tf.js");
  await useBackend("onnx");
  const x = tf.randomNormal([8, 16, 16, 16], 0, 1, "float32", 1);
  const filters = [2, 3].map((seed) => tf.randomNormal([3, 3, 16, 16], 0, 0.1, "float32", seed));
  const [gain, bias] = [4, 5].map((seed) => tf.randomNormal([16], 0, 1, "float32", seed));
  const h = tf.conv2d(x, filters[0], 1, 1);
  const centred = tf.sub(h, tf.mean(h, [0, 1, 2]));
  const variance = tf.mean(tf.square(centred), [0, 1, 2]);
  const standard = tf.mul(centred, tf.rsqrt(tf.add(variance, 1e-5)));
  const branch = tf.conv2d(tf.relu(tf.add(tf.mul(standard, gain), bias)), filters[1], 1, 1);
  return explain([tf.mean(tf.square(tf.add(x, branch)))]);
}

/** The picture as SVG. */
export async function enginePicture() {
  built();
  const { operations, nodes } = await explainBranch();
  const [recorded, graph] = [recordedItems(operations), graphItems(nodes)];
  const height = top + Math.max(recorded.length, graph.length) * row + 20;
  const heading = (x, text) => `<text x="${x}" y="46" font-weight="bold">${text}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 930 ${height}" font-family="DejaVu Sans, sans-serif" font-size="12">
<title>A residual branch as it is recorded, and the graph that is computed</title>
<defs><marker id="tip" viewBox="0 0 6 6" refX="5" refY="3" markerWidth="6" markerHeight="6" orient="auto"><path d="M0 0 6 3 0 6z" fill="#999"/></marker></defs>
<rect width="930" height="${height}" fill="white"/>
${heading(columns.recorded, "recorded")}
${heading(columns.graph, "the graph (green: on blocks of channels)")}
${drawColumn(columns.recorded, recorded)}
${drawColumn(columns.graph, graph)}
</svg>
`;
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(join(root, "docs", "engine.svg"), await enginePicture());
}
