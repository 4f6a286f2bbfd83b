import { expect, test } from "vitest";
import { UserError } from "../../src/core/errors.js";
import { keyOf } from "../../src/core/random.js";
import { sizeOf } from "../../src/core/shape.js";
import correlated from "../../src/data/correlated.js";
import type { Dataset } from "../../src/data/dataset.js";
import gaussian from "../../src/data/gaussian.js";
import { request } from "./parts/files-for-tests.js";

function image(data: Dataset, index: number): Float32Array {
  const out = new Float32Array(sizeOf(data.shape));
  data.read(index, out, 0);
  return out;
}

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);

/** Mean over all pairs of images of their cosine. */
function meanCosine(data: Dataset): number {
  const images = Array.from({ length: data.count }, (_, i) => image(data, i));
  const cosines = images.flatMap((a, i) =>
    images.slice(0, i).map((b) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))),
  );
  return cosines.reduce((sum, x) => sum + x, 0) / cosines.length;
}

test("Gaussian values have mean 0 and the deviation asked for", async () => {
  const data = await gaussian.load(request({ argument: "std=0.6", shape: [20, 20, 3], count: 40 }));
  const values = Array.from({ length: 40 }, (_, i) => [...image(data, i)]).flat();
  const n = values.length;
  const mean = values.reduce((sum, x) => sum + x, 0) / n;
  const variance = values.reduce((sum, x) => sum + x * x, 0) / n;
  // Five standard errors: 0.6/sqrt(n) of the mean, 0.36 sqrt(2/n) of the variance.
  expect(Math.abs(mean)).toBeLessThan((5 * 0.6) / Math.sqrt(n));
  expect(Math.abs(variance - 0.36)).toBeLessThan(5 * 0.36 * Math.sqrt(2 / n));
});

test.each([-0.09, -0.04, 0, 0.3, 0.6, 0.95])(
  "Pairs of correlated images have mean cosine %s",
  async (c) => {
    const settings = { argument: `c=${c}`, shape: [40, 40, 3], count: 12 };
    const data = await correlated.load(request(settings));
    // A cosine of d-vectors deviates by about 1/sqrt(d) = 0.0144, a mean by less; four of those.
    expect(Math.abs(meanCosine(data) - c)).toBeLessThan(4 / Math.sqrt(4800));
  },
);

test("Two images of cosine -1 are opposite, of cosine 1 equal", async () => {
  const opposite = await correlated.load(request({ argument: "-1", count: 2 }));
  const negated = image(opposite, 1).map((x) => -x);
  image(opposite, 0).forEach((x, i) => {
    // Both are float32 roundings of float64 numbers that agree to a few units of 2^-53.
    expect(x).toBeCloseTo(negated[i]!, 6);
  });
  const equal = await correlated.load(request({ argument: "1", count: 5 }));
  expect(image(equal, 4)).toEqual(image(equal, 0));
});

test.each([gaussian, correlated])(
  "Equal keys give equal data, another key other data ($title)",
  async (reader) => {
    const once = await reader.load(request());
    const again = await reader.load(request());
    const other = await reader.load(request({ key: keyOf(4) }));
    expect([once.count, once.shape, once.classes]).toEqual([12, [6, 5, 3], 7]);
    expect(image(again, 5)).toEqual(image(once, 5));
    expect(image(other, 5)).not.toEqual(image(once, 5));
    expect(image(once, 4)).not.toEqual(image(once, 5));
    expect(again.labels).toEqual(once.labels);
    expect([again.hash === once.hash, other.hash === once.hash]).toEqual([true, false]);
  },
);

test("Labels are of the network's classes, and each occurs", async () => {
  const { labels } = await gaussian.load(request({ count: 400 }));
  expect(new Set(labels)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6]));
});

test("Images keep their values when more are asked for", async () => {
  for (const reader of [gaussian, correlated]) {
    const few = await reader.load(request({ count: 3 }));
    const many = await reader.load(request({ count: 30 }));
    expect(image(many, 2)).toEqual(image(few, 2));
  }
});

test.each([
  [gaussian, "std=0", /--data gaussian: option "std" is 0/],
  [gaussian, "sdt=0.6", /unknown option "sdt" \(did you mean "std"\?\); allowed: std/],
  [gaussian, "std=big", /option "std" is "big"/],
  [gaussian, "0.6", /gaussian:0.6/],
  [correlated, "1.3", /--data correlated: option "c" is 1.3/],
  [correlated, "c=-0.6", /c=-0.6 for 12 images; allowed: -0.0909\d* to 1/],
])("Settings of $title that are wrong are told (%#)", async (reader, argument, expected) => {
  const thrown: unknown = await reader.load(request({ argument })).catch((error) => error);
  expect(thrown).toBeInstanceOf(UserError);
  expect((thrown as Error).message).toMatch(expected);
});
