import type { Shape } from "../core/shape.js";
import { formatShape } from "../core/shape.js";
import * as tf from "../engine/tf.js";
import { identity } from "./identity.js";
import type { Child, Layer } from "./layer.js";
import { shapeError } from "./parts/shape-error.js";
import { applyPart, partSpecs } from "./scope.js";

/** The parts of a residual block: y = after(scale (shortcut(x or pre(x)) + branch(pre(x)))). */
export interface ResidualOptions {
  readonly branch: Layer;
  /** Identity unless given. */
  readonly shortcut?: Layer;
  /** Applied once before both: a pre-activation, a shared bias. Identity unless given. */
  readonly pre?: Layer;
  /** What the shortcut reads: x itself (`raw`, the default) or pre(x) (`activated`). */
  readonly shortcutInput?: "raw" | "activated";
  /** Factor c of the sum; 1 unless given. */
  readonly scale?: number;
  /** Applied to the sum; identity unless given. */
  readonly after?: Layer;
  /** Names of the parts `pre` and `after` in parameters; the defaults are `pre` and `after`. */
  readonly names?: { readonly pre?: string; readonly after?: string };
}

interface Parts {
  readonly pre: Child;
  readonly branch: Child;
  readonly shortcut: Child;
  readonly after: Child;
}

function partsOf(options: ResidualOptions, inShape: Shape): Parts {
  const pre = options.pre ?? identity();
  const shortcut = options.shortcut ?? identity();
  const activated = pre.outShape(inShape);
  const branchOut = options.branch.outShape(activated);
  const shortcutShape = options.shortcutInput === "activated" ? activated : inShape;
  const shortcutOut = shortcut.outShape(shortcutShape);
  if (formatShape(branchOut) !== formatShape(shortcutOut)) {
    const came = `branch gives ${formatShape(branchOut)}, shortcut ${formatShape(shortcutOut)}`;
    throw shapeError("residual", came, "equal shapes");
  }
  return {
    pre: { name: options.names?.pre ?? "pre", layer: pre, inShape },
    branch: { name: "branch", layer: options.branch, inShape: activated },
    shortcut: { name: "shortcut", layer: shortcut, inShape: shortcutShape },
    after: {
      name: options.names?.after ?? "after",
      layer: options.after ?? identity(),
      inShape: branchOut,
    },
  };
}

function list({ pre, branch, shortcut, after }: Parts): readonly Child[] {
  return [pre, branch, shortcut, after];
}

/**
 * A residual block. It taps `branch` F(x) and `shortcut` h(x), each before the factor of the sum.
 * Throws `UserError` when the shapes of both differ.
 */
export function residual(options: ResidualOptions): Layer {
  const scale = options.scale ?? 1;
  return {
    kind: "residual",
    children: (inShape) => list(partsOf(options, inShape)),
    parameters: (inShape) =>
      list(partsOf(options, inShape)).flatMap((p) => partSpecs(p.name, p.layer, p.inShape)),
    outShape: (inShape) => {
      const { after } = partsOf(options, inShape);
      return after.layer.outShape(after.inShape);
    },
    macs: (inShape) =>
      list(partsOf(options, inShape)).reduce((sum, p) => sum + p.layer.macs(p.inShape), 0),
    apply: (x, parameters, context) => {
      const { pre, branch, shortcut, after } = partsOf(options, x.shape.slice(1));
      const run = (part: Child, y: tf.Tensor) =>
        applyPart(part.name, part.layer, y, parameters, context);
      const activated = run(pre, x);
      const f = context.tap("branch", run(branch, activated));
      const h = context.tap(
        "shortcut",
        run(shortcut, options.shortcutInput === "activated" ? activated : x),
      );
      const sum = tf.add(h, f);
      return run(after, scale === 1 ? sum : tf.mul(sum, scale));
    },
  };
}
