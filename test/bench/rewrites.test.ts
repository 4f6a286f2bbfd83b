import { beforeAll, describe, expect, it } from "vitest";
import { relativeDifference } from "../../bench/agreement.js";
import { casesOf } from "../../bench/cases.js";
import { rewriteJob, rewriteOf, writtenForm } from "../../bench/ours/rewrite.js";
import type { Form, Given } from "../../bench/ours/rewrites/form.js";
import { inRows, laid } from "../../bench/ours/rewrites/layouts.js";
import type { RewriteWork } from "../../bench/work.js";
import { rewriteNames } from "../../bench/work.js";
import { paysOff } from "../../src/engine/backends/onnx/kernels/winograd.js";
import { useBackend } from "../../src/engine/index.js";

beforeAll(() => useBackend("onnx", { threads: 1 }));

const worksOf = (tiny: boolean) => casesOf("rewrites", tiny).map(({ work }) => work as RewriteWork);

const tinyWorks = worksOf(true);

/** The operations of a form, in the order in which they run. */
function operationsOf(form: Form, given: Given): readonly string[] {
  const { graph, outputs } = writtenForm(form, given);
  return graph.nodesFor(outputs).map(({ domain, operation }) => `${domain}.${operation}`);
}

describe("a rewrite of the graph", () => {
  it.each(tinyWorks)("$rewrite gives the numbers of its plain form", async (work) => {
    const job = rewriteJob(work);
    for (const who of ["plain", "rewritten", "rewritten"]) await job.run(0, who);
    const [written, plain] = await Promise.all(
      ["rewritten", "plain"].map(async (who) => (await job.check!(who))[0]!),
    );
    expect(written!.shape).toEqual(plain!.shape);
    expect(written!.values.some((value) => value !== 0)).toBe(true);
    // Float32 sums in another order; what the bench itself allows.
    expect(relativeDifference(written!.values, plain!.values)).toBeLessThan(1e-5);
  });

  it.each(tinyWorks)("$rewrite is written in other operations than its plain form", (work) => {
    const { given, rewritten, plain } = rewriteOf(work);
    expect(operationsOf(rewritten, given)).not.toEqual(operationsOf(plain, given));
  });

  it("has a row of its own in the bench, whatever it is", () => {
    const missing = (works: readonly RewriteWork[]) =>
      rewriteNames.filter((name) => !works.some(({ rewrite }) => rewrite === name));
    expect(missing(worksOf(false))).toEqual([]);
    expect(missing(tinyWorks)).toEqual([]);
  });

  it("is the one that the engine chooses for the shapes of its row", () => {
    const pays = ({ batch, size, channels, outputs = channels }: RewriteWork) =>
      paysOff({ batch, height: size, width: size, from: channels, to: outputs });
    const all = [...worksOf(false), ...tinyWorks];
    const of = (name: string) => all.filter(({ rewrite }) => rewrite === name);
    expect(of("winograd").map(pays)).toEqual(of("winograd").map(() => true));
    expect(of("turned-filter").map(pays)).toEqual(of("turned-filter").map(() => false));
  });
});

describe("signals in the order in which they lie", () => {
  /** Two pixels of four channels, as callers see them. */
  const values = Float32Array.of(0, 1, 2, 3, 10, 11, 12, 13);
  const shape = [1, 1, 2, 4];

  it.each([
    ["rows", [0, 1, 2, 3, 10, 11, 12, 13]],
    ["planes", [0, 10, 1, 11, 2, 12, 3, 13]],
    ["blocks", [0, 1, 10, 11, 2, 3, 12, 13]],
  ] as const)("are %s", (layout, expected) => {
    const lying = laid(values, shape, layout, 2);
    expect([...lying]).toEqual(expected);
    expect(inRows(lying, shape, layout, 2)).toEqual(values);
  });
});
