// The page of kernels: what the planners of the graph backends say when they are asked.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const signal = [2, 4, 4, 3];
const vector = [3];
const types = ["float32", "int32", "bool"];

/** Inputs by every name that some kernel reads, with elements of `type` where it may choose. */
function commonInputs(type) {
  const free = "a b x y e t dy input output value logits tensor params condition".split(" ");
  return {
    ...Object.fromEntries(free.map((name) => [name, { shape: signal, dtype: type }])),
    alpha: { shape: vector, dtype: type },
    filter: { shape: [3, 3, 3, 3], dtype: type },
    indices: { shape: [2, 1], dtype: "int32" },
    segmentIds: { shape: [2], dtype: "int32" },
    updates: { shape: signal, dtype: type },
  };
}

/** Attributes by every name that some kernel reads. */
const commonAttributes = {
  alpha: 0.3,
  axis: 1,
  batchDims: 0,
  begin: [0, 1, 0, 0],
  clipValueMax: 2,
  clipValueMin: 1,
  constantValue: 0,
  depth: 4,
  dilations: 1,
  dim: 3,
  dims: [1],
  dtype: "float32",
  exclusive: false,
  filterShape: [3, 3, 3, 3],
  filterSize: 3,
  includeBatchInIndex: true,
  inputShape: signal,
  k: 2,
  keepDims: false,
  numOrSizeSplits: 2,
  numSegments: 2,
  offValue: 0,
  onValue: 1,
  pad: 1,
  paddings: [
    [0, 0],
    [1, 0],
    [0, 0],
    [0, 2],
  ],
  perm: [0, 2, 1, 3],
  reps: [1, 2, 1, 1],
  reverse: false,
  shape: signal,
  size: [2, 3, 4, 3],
  strides: 1,
  transposeA: false,
  transposeB: true,
  value: 1,
  varianceEpsilon: 0.01,
};

const several = (type) => ({
  inputs: [
    { shape: signal, dtype: type },
    { shape: signal, dtype: type },
  ],
});

const oneFilterAChannel = (type) => ({
  inputs: { ...commonInputs(type), filter: { shape: [3, 3, 3, 1], dtype: type } },
  attributes: { filterShape: [3, 3, 3, 1] },
});

/** Where the common inputs and attributes do not do. */
const trials = {
  AddN: several,
  Concat: several,
  Pack: several,
  BroadcastTo: (type) => ({
    inputs: { x: { shape: [2, 1, 4, 3], dtype: type } },
    attributes: { inputShape: [2, 1, 4, 3] },
  }),
  Cast: (type) => ({ attributes: { dtype: type === "int32" ? "float32" : "int32" } }),
  DepthwiseConv2dNative: oneFilterAChannel,
  DepthwiseConv2dNativeBackpropInput: oneFilterAChannel,
  DepthwiseConv2dNativeBackpropFilter: oneFilterAChannel,
  Fill: (type) => ({ attributes: { dtype: type } }),
  OneHot: (type) => ({ inputs: { indices: { shape: [2], dtype: type } } }),
  Reshape: () => ({ attributes: { shape: [32, 3] } }),
  ScatterNd: (type) => ({
    inputs: { ...commonInputs(type), updates: { shape: signal, dtype: type } },
  }),
  TensorScatterUpdate: (type) => ({
    inputs: { ...commonInputs(type), updates: { shape: [2, 4, 4, 3], dtype: type } },
  }),
};

function trialOf(name, type) {
  const { inputs = commonInputs(type), attributes = {} } = trials[name]?.(type) ?? {};
  const condition = Array.isArray(inputs) ? {} : conditionOf(name, inputs);
  return {
    inputs: Array.isArray(inputs) ? inputs : { ...inputs, ...condition },
    attributes: { ...commonAttributes, ...attributes },
  };
}

/** A choice is made by truth values, whatever it chooses between. */
function conditionOf(name, inputs) {
  return name === "Select" ? { condition: { ...inputs.condition, dtype: "bool" } } : {};
}

const withIds = (inputs) =>
  Object.fromEntries(Object.entries(inputs).map(([key, one]) => [key, { dataId: {}, ...one }]));

/** What the planners of a name answer, and which inputs they read; undefined when they do not. */
function plannedBy(planners, { inputs, attributes }) {
  for (const { plan } of planners.toReversed()) {
    const read = new Set();
    const given = withIds(inputs);
    const watched = new Proxy(given, {
      get: (target, key) => {
        if (typeof key === "string" && key in target) read.add(key);
        return target[key];
      },
    });
    const answer = tryTo(() => plan(watched, attributes, () => undefined));
    if (answer !== undefined) return { answer, read: [...read] };
  }
  return undefined;
}

function tryTo(work) {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** The operations of ONNX that a plan appends. */
function operationsOf({ newGraph, operandOf }, { answer }) {
  const used = new Set();
  const plans = Array.isArray(answer) ? answer : [answer];
  for (const plan of plans) {
    if (plan.append === undefined) continue;
    const graph = newGraph(0);
    const watched = {
      ...graph,
      node: (operation, ...rest) => {
        used.add(operation);
        return graph.node(operation, ...rest);
      },
      nodeWithOutputs: (count, operation, ...rest) => {
        used.add(operation);
        return graph.nodeWithOutputs(count, operation, ...rest);
      },
    };
    const operands = plan.inputs.map(({ shape, dtype }) =>
      operandOf(watched, {
        shape,
        type: dtype,
        placed: { value: graph.input(shape, dtype), layout: "rows" },
        constant: false,
      }),
    );
    plan.append(watched, operands).emit?.({});
  }
  return [...used].sort();
}

/** The sum of the outputs of a kernel and of 0 times its inputs, as a function of its floats. */
function sumOf(tf, name, { inputs, attributes }, floats) {
  return (...given) => {
    const whole = Object.fromEntries(
      Object.entries(inputs).map(([key, { shape, dtype }]) => [key, tf.fill(shape, 1, dtype)]),
    );
    floats.forEach((key, i) => {
      whole[key] = given[i];
    });
    const handed = Array.isArray(inputs) ? Object.values(whole) : whole;
    const result = tf.engine().runKernel(name, handed, attributes);
    const outputs = (Array.isArray(result) ? result : [result]).map((one) =>
      tf.sum(tf.square(tf.cast(one, "float32"))),
    );
    return tf.addN([...outputs, ...given.map((one) => tf.mul(0, tf.sum(one)))]);
  };
}

/** Whether a kernel has cotangents, and these have theirs. */
function orders(tf, name, trial) {
  const floats = Object.keys(trial.inputs).filter((key) => trial.inputs[key].dtype === "float32");
  if (floats.length === 0) return 0;
  return tf.tidy(() => {
    const at = floats.map((key) => tf.fill(trial.inputs[key].shape, 0.6));
    const run = sumOf(tf, name, trial, floats);
    const slopes = (...given) =>
      tf.addN([
        ...tf
          .grads(run)(given)
          .map((one) => tf.sum(tf.square(one))),
        ...given.map((one) => tf.mul(0, tf.sum(one))),
      ]);
    if (tryTo(() => tf.grads(run)(at)) === undefined) return 0;
    return tryTo(() => tf.grads(slopes)(at)) === undefined ? 1 : 2;
  });
}

/** Inputs that a rule keeps although the planner does not read them. */
function readInputs({ inputs, attributes }, read, rule) {
  if (Array.isArray(inputs)) return { inputs, attributes };
  const names = new Set([...read, ...(rule?.inputsToSave ?? [])]);
  const kept = Object.entries(inputs).filter(([key]) => names.has(key));
  return { inputs: Object.fromEntries(kept), attributes };
}

function derivativesOf(engine, name, trial, read) {
  const rule = engine.gradients.find(({ kernelName }) => kernelName === name);
  if (rule === undefined) return ["", ""];
  if (engine.flat.some(({ kernelName }) => kernelName === name)) return ["0", "0"];
  const count = orders(engine.tf, name, readInputs(trial, read, rule));
  return [count > 0 ? "yes" : "fails", count > 1 ? "yes" : "fails"];
}

function rowOf(engine, name) {
  const planners = engine.kernels.filter((one) => one.name === name);
  const asked = types.map((type) => {
    const trial = trialOf(name, type);
    return { type, trial, planned: plannedBy(planners, trial) };
  });
  const answered = asked.filter(({ planned }) => planned !== undefined);
  if (answered.length === 0) throw new Error(`no planner of ${name} answers to the trial inputs`);
  const { trial, planned } = answered[0];
  const operations = operationsOf(engine, planned).join(", ") || "none";
  const derivatives = derivativesOf(engine, name, trial, planned.read);
  return [name, answered.map(({ type }) => type).join(", "), operations, ...derivatives];
}

const normalisationInputs = {
  x: { shape: signal, dtype: "float32" },
  ...Object.fromEntries(
    ["mean", "variance", "offset", "scale"].map((name) => [
      name,
      { shape: vector, dtype: "float32" },
    ]),
  ),
};

function composedRow(engine, name) {
  const trial = { inputs: normalisationInputs, attributes: commonAttributes };
  const derivatives = derivativesOf(engine, name, trial, Object.keys(normalisationInputs));
  return [name, "float32", "those of the kernels it is made of", ...derivatives];
}

/** A table whose columns are as wide as their widest cell, as the formatter wants it. */
function table(rows) {
  const heads = ["kernel", "elements", "operations of ONNX", "gradient", "of that"];
  const widths = heads.map((head, i) => Math.max(head.length, ...rows.map((row) => row[i].length)));
  const line = (cells) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(" | ")} |`;
  const rule = widths.map((width) => "-".repeat(width));
  return [line(heads), line(rule), ...rows.map(line)].join("\n");
}

/** The page in Markdown. The backend "onnx" must be in use. */
export function kernelsPage(engine) {
  const names = [...new Set(engine.kernels.map(({ name }) => name))];
  const rows = [
    ...names.map((name) => rowOf(engine, name)),
    ...engine.composed.map(({ name }) => composedRow(engine, name)),
  ].sort(([a], [b]) => (a < b ? -1 : 1));
  const native = new Set(rows.map(([name]) => name));
  const others = engine.tf
    .getKernelsForBackend("cpu")
    .map(({ kernelName }) => kernelName)
    .filter((name) => !native.has(name))
    .sort();
  return `# Kernels

This page is written by \`npm run docs\`, which asks the code; a test fails when it is out of date.

The backends \`onnx\`, \`webgpu\` and \`cuda\` record the same kernels as operations of ONNX; what a provider lacks ONNX Runtime runs on the CPU. The table says for which elements, by which operations (for the first of these elements, in the plainest layout; \`none\`: it is a view, a number or one of its inputs), and whether there is a gradient and a gradient of that. \`0\`: the kernel is constant almost everywhere. An empty cell: there is none.

${table(rows)}

${rows.length} kernels are in graphs. The other ${others.length} of TensorFlow.js run in JavaScript. One that is given a tensor that waits to be computed cuts the graph in two there, and is named in a warning, once:

${others.map((name) => `\`${name}\``).join(", ")}.
`;
}

/** Everything that the page is written from, out of the compiled program. */
async function compiledEngine(root) {
  const load = (path) => import(pathToFileURL(join(root, "dist", "engine", path)).href);
  const [{ useBackend }, tf, register, composed, graph, operand, gradients, flat] =
    await Promise.all(
      [
        "index.js",
        "tf.js",
        "backends/onnx/register.js",
        "backends/composed.js",
        "backends/onnx/graph.js",
        "backends/onnx/operand.js",
        "gradients/index.js",
        "gradients/flat.js",
      ].map(load),
    );
  await useBackend("onnx");
  return {
    tf,
    kernels: register.kernels,
    composed: composed.composedKernels,
    gradients: gradients.gradients,
    flat: flat.flat,
    newGraph: graph.newGraph,
    operandOf: operand.operandOf,
  };
}

if (process.argv[1] === import.meta.filename) {
  const { root } = await import("./ready.mjs");
  writeFileSync(join(root, "docs", "kernels.md"), kernelsPage(await compiledEngine(root)));
}
