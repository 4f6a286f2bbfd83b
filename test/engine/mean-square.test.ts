import { expect, it } from "vitest";
import { fold, keyOf, normal } from "../../src/core/random.js";
import { positionMeanSquare, sampleMeanSquare } from "../../src/engine/mean-square.js";
import * as tf from "../../src/engine/tf.js";
import { describeBackends } from "./parts/backends.js";

const shapes = [
  [3, 5],
  [3, 5, 4],
  [2, 7, 6, 5],
  [2, 16, 16, 8],
];

function plain(values: Float32Array, samples: number, channels: number): number[] {
  const positions = values.length / (samples * channels);
  return Array.from({ length: samples * channels }, (_, at) => {
    const [n, c] = [Math.floor(at / channels), at % channels];
    let sum = 0;
    for (let p = 0; p < positions; p++) sum += values[(n * positions + p) * channels + c]! ** 2;
    return sum / positions;
  });
}

const body = () => {
  it.each(shapes)("is that of a float64 loop for [%s, %s, ...]", (...shape) => {
    const size = shape.reduce((product, n) => product * n, 1);
    const values = Float32Array.from(normal(fold(keyOf(4), "values"), size), (v) => 0.6 + 1.3 * v);
    const x = tf.tensor(values, shape);
    const y = positionMeanSquare(x);
    expect(y.shape).toEqual(shape.map((n, i) => (i === 0 || i === shape.length - 1 ? n : 1)));
    const expected = plain(values, shape[0]!, shape.at(-1)!);
    const found = [...y.dataSync()];
    // A float32 sum of 256 squares is off by some 1e-6.
    for (const [i, v] of found.entries()) {
      expect(Math.abs(v / expected[i]! - 1)).toBeLessThan(1e-5);
    }
    tf.dispose([x, y]);
  });
};

const ofSamples = () => {
  it.each([...shapes, [2, 64, 64, 32], [3, 17, 13, 16]])(
    "is that of a float64 loop for [%s, %s, ...]",
    (...shape) => {
      const size = shape.reduce((product, n) => product * n, 1);
      const drawn = normal(fold(keyOf(5), "values"), size);
      const values = Float32Array.from(drawn, (v) => 0.6 + 1.3 * v);
      const x = tf.tensor(values, shape);
      const y = sampleMeanSquare(x);
      expect(y.shape).toEqual([shape[0]]);
      const each = size / shape[0]!;
      for (const [n, found] of y.dataSync().entries()) {
        const sample = values.subarray(n * each, (n + 1) * each);
        const expected = sample.reduce((sum, v) => sum + v ** 2, 0) / each;
        expect(Math.abs(found / expected - 1)).toBeLessThan(1e-5);
      }
      tf.dispose([x, y]);
    },
  );
};

describeBackends((name) => `the mean square over samples on ${name}`, ofSamples);

describeBackends((name) => `the mean square over positions on ${name}`, body);
