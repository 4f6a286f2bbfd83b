import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { explicitPlacement, placementOf } from "../../src/engine/backends/tensorflow/window.js";
import * as tf from "../../src/engine/tf.js";

const cases = fc
  .record({
    height: fc.integer({ min: 1, max: 14 }),
    width: fc.integer({ min: 1, max: 14 }),
    size: fc.integer({ min: 1, max: 7 }),
    stride: fc.integer({ min: 1, max: 3 }),
    pad: fc.integer({ min: 0, max: 3 }),
  })
  .filter(
    ({ height, width, size, pad }) => pad < size && Math.min(height, width) + 2 * pad >= size,
  );

type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never;

const infoOf = ({ height, width, size, stride, pad }: Case, how: number | "same" = pad) =>
  tf.backend_util.computeConv2DInfo([2, height, width, 3], [size, size, 3, 4], stride, 1, how);

const reachOf = ({ size }: Case) => ({ height: size, width: size });

describe("the placement of padded windows for TensorFlow", () => {
  test("adds as many lines before as the padding, and as many after as the last window reaches", () => {
    fc.assert(
      fc.property(cases, (one) => {
        const info = infoOf(one);
        const { padding, rows, columns } = explicitPlacement(info, reachOf(one));
        expect(padding).toBe("VALID");
        expect([rows[0], columns[0]]).toEqual([one.pad, one.pad]);
        const windows = ([before, after]: readonly [number, number], length: number) =>
          Math.floor((length + before + after - one.size) / one.stride) + 1;
        expect(windows(rows, one.height)).toBe(info.outHeight);
        expect(windows(columns, one.width)).toBe(info.outWidth);
        expect(Math.max(rows[1], columns[1])).toBeLessThanOrEqual(one.pad);
      }),
    );
  });

  test("is SAME exactly where TensorFlow's padding of that name puts the same windows", () => {
    fc.assert(
      fc.property(cases, (one) => {
        const [info, same] = [infoOf(one), infoOf(one, "same")];
        const place = placementOf(info, reachOf(one));
        const alike =
          info.outHeight === same.outHeight &&
          info.outWidth === same.outWidth &&
          info.padInfo.top === same.padInfo.top &&
          info.padInfo.left === same.padInfo.left;
        const plain = [...place.rows, ...place.columns].every((lines) => lines === 0);
        if (place.padding === "SAME") expect(alike && plain).toBe(true);
        else if (!plain) expect(alike).toBe(false);
      }),
    );
  });
});
