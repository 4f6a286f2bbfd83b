import type {
  Case,
  Contender,
  ConvolutionWork,
  Goal,
  JobName,
  NetworkChoice,
  NormalsWork,
  PropagationWork,
  RewriteName,
  RewriteWork,
  TrainingWork,
} from "./work.js";
import { rewriteNames } from "./work.js";

/** Shortcuts and biases as both sides have them. */
const common: NetworkChoice = {
  size: 32,
  channels: 3,
  classes: 10,
  activationOrder: "pre",
  shortcut: "projection",
  bias: false,
};

const networks = {
  resnet50: { ...common, depth: 50, batchNorm: false },
  "resnet50-bn": { ...common, depth: 50 },
  resnet18: { ...common, depth: 18, batchNorm: false },
  "resnet18-bn": { ...common, depth: 18 },
  "resnet20-bn": { ...common, depth: 20 },
  tiny: { ...common, depth: 8, size: 8, batchNorm: false },
  "tiny-bn": { ...common, depth: 8, size: 8 },
} as const satisfies Record<string, NetworkChoice>;

type NetworkName = keyof typeof networks;

const ours: Contender = { who: "ours", side: "ours", role: "ours" };

function peers(role: Contender["role"], ...names: readonly string[]): readonly Contender[] {
  return names.map((who) => ({ who, side: "peer", role }));
}

const frozen = peers("best", "frozen nchw", "frozen channels-last");
const tuned = peers("tuned", "frozen tuned nchw", "frozen tuned channels-last");
const usual = peers("usual", "user");
const layouts = peers("best", "nchw", "channels-last");

function goal(against: Goal["against"], mustReach: number, aim: number): Goal {
  return { against, mustReach, aim };
}

/** A ratio that is shown and has no bound. */
function shown(against: Goal["against"]): Goal {
  return goal(against, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
}

function propagation(name: NetworkName, batch: number, draw = false): PropagationWork {
  return { job: "propagation", network: networks[name], batch, draw };
}

/** The same weights with new data, against the quickest and the usual form. */
function repeated(name: NetworkName, batch: number, goals: readonly Goal[]): Case {
  const contenders = [ours, ...frozen, ...tuned, ...usual];
  const work = propagation(name, batch);
  return { name: `${name}-b${batch}`, work, contenders, goals: [...goals, shown("tuned")] };
}

/** New weights every time, drawn outside of the time; PyTorch has nothing to do for them. */
function drawn(name: NetworkName, batch: number, goals: readonly Goal[]): Case {
  const work = propagation(name, batch, true);
  const contenders = [ours, ...frozen, ...tuned];
  return { name: `${name}-b${batch}-draw`, work, contenders, goals: [...goals, shown("tuned")] };
}

function remembered(name: NetworkName, batch: number, goals: readonly Goal[]): Case {
  const contenders = [ours, ...frozen, ...usual];
  const work = propagation(name, batch);
  return { name: `${name}-b${batch}-memory`, work, contenders, goals, memory: true };
}

function trained(name: NetworkName, batch: number, goals: readonly Goal[]): Case {
  const work: TrainingWork = { job: "training", network: networks[name], batch };
  const contenders = [ours, ...layouts, ...peers("extra", "bfloat16 channels-last")];
  return { name: `${name}-b${batch}`, work, contenders, goals };
}

const directions = ["forward", "dx", "dw"] as const;

function convolutions(batch: number, size: number, channels: number, depth: number) {
  return directions.map((direction): Case => {
    const each = direction === "dw" ? 1 : depth;
    const work: ConvolutionWork = {
      job: "convolution",
      direction,
      batch,
      size,
      channels,
      depth: each,
    };
    const name = `${size}x${size}x${channels}-${direction}`;
    return { name, work, contenders: [ours, ...layouts], goals: [shown("best")] };
  });
}

function normals(count: number, goals: readonly Goal[]): Case {
  const work: NormalsWork = { job: "normals", count };
  const contenders = [
    ours,
    ...peers("best", "float64"),
    ...peers("extra", "float32", "numpy Philox float64"),
  ];
  return { name: `normals-${count}`, work, contenders, goals };
}

/** Plain JavaScript takes minutes and WebAssembly seconds, hence they get a share of the batch. */
const shares = [
  { backend: "onnx", share: 1 },
  { backend: "wasm", share: 1 / 8 },
  { backend: "cpu", share: 1 / 64 },
];

function chain(batch: number, size: number, channels: number): Case {
  const work = { job: "chain", batch, size, channels, depth: 4 } as const;
  const contenders = shares.map(({ backend, share }): Contender => {
    const part = { ...work, batch: Math.max(1, Math.round(batch * share)) };
    return { who: backend, side: "ours", backend, work: part, role: "extra" };
  });
  return { name: `chain-${size}x${size}x${channels}`, work, contenders, goals: [] };
}

const forms: readonly Contender[] = [
  { who: "rewritten", side: "ours", backend: "onnx", role: "ours" },
  { who: "plain", side: "ours", backend: "onnx", role: "plain" },
];

/** A rewrite that is not the quicker one misses what it is for. */
const quicker = goal("plain", 1, 1);

function rewrite(
  name: RewriteName,
  batch: number,
  size: number,
  channels: number,
  outputs?: number,
): Case {
  const to = outputs === undefined ? {} : { outputs };
  const work: RewriteWork = { job: "rewrite", rewrite: name, batch, size, channels, ...to };
  const shape = `${size}x${size}x${channels}${outputs === undefined ? "" : `-${outputs}`}`;
  return { name: `${name}-${shape}`, work, contenders: forms, goals: [quicker] };
}

const rewrites: readonly Case[] = [
  rewrite("winograd", 64, 16, 128),
  rewrite("winograd", 64, 8, 256),
  rewrite("winograd", 64, 4, 512),
  ...(["phases", "phases-in-blocks"] as const).flatMap((name) => [
    rewrite(name, 64, 32, 64, 128),
    rewrite(name, 64, 16, 128, 256),
    rewrite(name, 64, 8, 256, 512),
  ]),
  rewrite("turned-filter", 64, 32, 64),
  rewrite("blocked-filter-cotangent", 64, 32, 64),
  rewrite("blocked-filter-cotangent", 64, 16, 128),
  rewrite("blocked-filter-cotangent", 64, 8, 256),
  rewrite("sample-products", 64, 32, 64),
  rewrite("block-pooling", 64, 32, 64),
  rewrite("depthwise-affine", 64, 32, 64),
  rewrite("mask", 64, 32, 64),
  ...(["pointwise", "pointwise-in-blocks"] as const).flatMap((name) => [
    rewrite(name, 64, 32, 64, 256),
    rewrite(name, 64, 32, 256, 64),
    rewrite(name, 64, 8, 1024, 256),
    rewrite(name, 64, 4, 512, 2048),
  ]),
  rewrite("equal-operations", 64, 16, 128),
  rewrite("dead-nodes", 64, 16, 128),
];

const full: Readonly<Record<JobName, readonly Case[]>> = {
  spp: [
    repeated("resnet50", 64, [goal("best", 0.7, 0.6), goal("usual", 0.55, 0.45)]),
    drawn("resnet50", 64, [goal("best", 1, 0.8)]),
    repeated("resnet18", 64, [goal("best", 0.85, 0.75), goal("usual", 0.55, 0.45)]),
    drawn("resnet18", 64, [goal("best", 1.2, 0.9)]),
    repeated("resnet50-bn", 64, [shown("best"), shown("usual")]),
    repeated("resnet18-bn", 64, [shown("best"), shown("usual")]),
    remembered("resnet50", 64, [goal("memory", 1, 0.5)]),
  ],
  train: [
    trained("resnet20-bn", 128, [goal("best", 1.5, 1)]),
    trained("resnet18-bn", 128, [goal("best", 1.4, 1)]),
  ],
  conv: [
    ...convolutions(32, 32, 32, 6),
    ...convolutions(32, 32, 64, 6),
    ...convolutions(32, 16, 128, 6),
    ...convolutions(32, 8, 256, 6),
    ...convolutions(32, 4, 512, 6),
  ],
  random: [normals(11_000_000, [goal("ms", 120, 60), shown("best")])],
  engine: [chain(64, 32, 64), chain(64, 16, 128), chain(64, 8, 256), chain(64, 4, 512)],
  rewrites,
};

/** Fewer multiplications need work enough to pay off. */
const tinyRewrites = rewriteNames.map((name): Case => {
  const row = name === "winograd" ? rewrite(name, 48, 4, 256) : rewrite(name, 4, 16, 32, 64);
  return { ...row, goals: [shown("plain")] };
});

const quick: Readonly<Record<JobName, readonly Case[]>> = {
  spp: [
    repeated("tiny", 4, [shown("best")]),
    drawn("tiny", 4, [shown("best")]),
    repeated("tiny-bn", 4, [shown("best")]),
    remembered("tiny", 4, [shown("memory")]),
  ],
  train: [trained("tiny-bn", 8, [shown("best")])],
  conv: convolutions(2, 8, 16, 2),
  random: [normals(100_000, [shown("best")])],
  engine: [chain(2, 8, 16)],
  rewrites: tinyRewrites,
};

/** The rows of a job; `tiny` ones in seconds for trying the bench itself. */
export function casesOf(job: JobName, tiny: boolean): readonly Case[] {
  return (tiny ? quick : full)[job];
}
