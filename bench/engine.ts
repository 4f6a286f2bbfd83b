import { useBackend } from "../src/engine/index.js";
import * as tf from "../src/engine/tf.js";

/** A chain of 3x3 convolutions with ReLU between them, as in the stages of a ResNet-18. */
interface Chain {
  readonly name: string;
  readonly batch: number;
  readonly size: number;
  readonly channels: number;
  readonly depth: number;
}

const chains: readonly Chain[] = [
  { name: "64 channels at 32x32", batch: 64, size: 32, channels: 64, depth: 4 },
  { name: "128 channels at 16x16", batch: 64, size: 16, channels: 128, depth: 4 },
  { name: "256 channels at 8x8", batch: 64, size: 8, channels: 256, depth: 4 },
  { name: "512 channels at 4x4", batch: 64, size: 4, channels: 512, depth: 4 },
];

/**
 * Backends and their repetitions: plain JavaScript takes minutes, hence it runs on a small batch.
 */
const backends = [
  { name: "onnx", repetitions: 7, share: 1 },
  { name: "wasm", repetitions: 3, share: 1 / 8 },
  { name: "cpu", repetitions: 1, share: 1 / 64 },
] as const;

/** Floating-point operations of a forward pass and the cotangents of the input. */
function operations({ batch, size, channels, depth }: Chain): number {
  return 2 * 2 * 9 * depth * batch * size * size * channels * channels;
}

function weights({ channels, depth }: Chain): tf.Tensor4D[] {
  const deviation = Math.sqrt(2 / (9 * channels));
  return Array.from({ length: depth }, (_, i) =>
    tf.randomNormal([3, 3, channels, channels], 0, deviation, "float32", i + 1),
  );
}

function forward(x: tf.Tensor, filters: readonly tf.Tensor4D[]): tf.Tensor {
  return filters.reduce<tf.Tensor>(
    (signal, filter) => tf.relu(tf.conv2d(signal as tf.Tensor4D, filter, 1, 1)),
    x,
  );
}

/** Seconds of one forward pass and one pass back to the input. */
function seconds(x: tf.Tensor, filters: readonly tf.Tensor4D[]): number {
  const start = performance.now();
  // In braces: `tidy` searches what it is given back for tensors, arrays entry by entry.
  tf.tidy(() => {
    const slope = tf.grad((image: tf.Tensor) => forward(image, filters));
    slope(x).dataSync();
  });
  return (performance.now() - start) / 1000;
}

/** Rates in GFLOP/s, best and median. */
function rates(chain: Chain, repetitions: number): readonly [best: number, median: number] {
  const { batch, size, channels } = chain;
  const x = tf.randomNormal([batch, size, size, channels], 0, 1, "float32", 9);
  const filters = weights(chain);
  if (repetitions > 1) seconds(x, filters);
  const times = Array.from({ length: repetitions }, () => seconds(x, filters)).sort(
    (a, b) => a - b,
  );
  tf.dispose([x, ...filters]);
  const rate = (time: number): number => operations(chain) / time / 1e9;
  return [rate(times[0]!), rate(times[Math.floor(repetitions / 2)]!)];
}

for (const chain of chains) {
  const found: Record<string, readonly [number, number]> = {};
  for (const { name, repetitions, share } of backends) {
    await useBackend(name);
    const batch = Math.max(1, Math.round(chain.batch * share));
    found[name] = rates({ ...chain, batch }, repetitions);
    const [best, median] = found[name];
    console.log(
      `${chain.name}, ${name}: ${best.toFixed(1)} GFLOP/s at best, ${median.toFixed(1)} median`,
    );
  }
  const ratio = (name: string): string => (found["onnx"]![1] / found[name]![1]).toFixed(1);
  console.log(`${chain.name}: onnx is ${ratio("wasm")} x wasm, ${ratio("cpu")} x cpu`);
}
