import type { ResnetOptions } from "../src/architectures/parts/resnet-options.js";

/** A pre-activation ResNet on the CIFAR stem, by the options that both sides build it from. */
export type NetworkChoice = Partial<ResnetOptions>;

/** Variances of every signal of a network, both ways; `draw`: with new weights every time. */
export interface PropagationWork {
  readonly job: "propagation";
  readonly network: NetworkChoice;
  readonly batch: number;
  readonly draw: boolean;
}

/** One step of training. */
export interface TrainingWork {
  readonly job: "training";
  readonly network: NetworkChoice;
  readonly batch: number;
}

/**
 * Convolutions 3x3 with padding 1 and as many outputs as inputs, `depth` one after the other:
 * forward, the cotangent of the input (`dx`), or of the filters of one (`dw`).
 */
export interface ConvolutionWork {
  readonly job: "convolution";
  readonly direction: "forward" | "dx" | "dw";
  readonly batch: number;
  readonly size: number;
  readonly channels: number;
  readonly depth: number;
}

/** Convolutions with ReLU between them and the gradient of their input, by the tape. */
export interface ChainWork {
  readonly job: "chain";
  readonly batch: number;
  readonly size: number;
  readonly channels: number;
  readonly depth: number;
}

/** A draw of standard normal float64 numbers. */
export interface NormalsWork {
  readonly job: "normals";
  readonly count: number;
}

/** The ways in which our engine writes a graph differently from what was asked of it. */
export const rewriteNames = [
  "winograd",
  "phases",
  "phases-in-blocks",
  "turned-filter",
  "blocked-filter-cotangent",
  "sample-products",
  "block-pooling",
  "depthwise-affine",
  "mask",
  "pointwise",
  "pointwise-in-blocks",
  "equal-operations",
  "dead-nodes",
] as const;

/** One of `rewriteNames`. */
export type RewriteName = (typeof rewriteNames)[number];

/**
 * A computation on signals `[batch, size, size, channels]`, both as our engine writes it and in its
 * plain form; convolutions have as many `outputs` as channels unless told.
 */
export interface RewriteWork {
  readonly job: "rewrite";
  readonly rewrite: RewriteName;
  readonly batch: number;
  readonly size: number;
  readonly channels: number;
  readonly outputs?: number;
}

/** What is timed. */
export type Work =
  | PropagationWork
  | TrainingWork
  | ConvolutionWork
  | ChainWork
  | NormalsWork
  | RewriteWork;

/** Who does it: this project on a backend or in a plain form, or PyTorch in a variant. */
export interface Contender {
  readonly who: string;
  readonly side: "ours" | "peer";
  /** Of ours; the one that `--backend` names unless given. */
  readonly backend?: string;
  /** Where a contender gets a smaller share of the work. */
  readonly work?: Work;
  /** Which rows a ratio is taken against; `extra` ones are shown only. */
  readonly role: "ours" | "best" | "tuned" | "usual" | "plain" | "extra";
}

/**
 * A ratio ours / peer of medians against the best row of a role (`memory`: of peaks of memory
 * against the `best`; `ms`: milliseconds of ours alone) and its bounds, infinite where there is
 * none.
 */
export interface Goal {
  readonly against: "best" | "tuned" | "usual" | "plain" | "memory" | "ms";
  readonly mustReach: number;
  readonly aim: number;
}

/** One row of a job. */
export interface Case {
  readonly name: string;
  readonly work: Work;
  readonly contenders: readonly Contender[];
  readonly goals: readonly Goal[];
  /** Every contender in a process of its own, one after the other, for its peak of memory. */
  readonly memory?: true;
}

/** What `npm run bench` takes by name. */
export const jobNames = ["spp", "train", "conv", "random", "engine", "rewrites"] as const;

/** One of `jobNames`. */
export type JobName = (typeof jobNames)[number];

/** Jobs without a peer, which run when they are named. */
export const jobsWithoutPeer: readonly JobName[] = ["engine", "rewrites"];
