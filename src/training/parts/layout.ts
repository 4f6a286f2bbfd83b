import type { Shape } from "../../core/shape.js";
import { sizeOf } from "../../core/shape.js";

/** Where PyTorch's axes come from: `[kh, kw, in, out]` -> OIHW, `[in, out]` -> `[out, in]`. */
function axesFor(rank: number): readonly number[] {
  if (rank === 4) return [3, 2, 0, 1];
  if (rank === 2) return [1, 0];
  return Array.from({ length: rank }, (_, axis) => axis);
}

function stridesOf(shape: Shape): readonly number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

/** Rearranges row-major values of `shape` so that axis i of the result is axis `axes[i]`. */
function permute(values: Float32Array, shape: Shape, axes: readonly number[]): Float32Array {
  const strides = stridesOf(shape);
  const out = new Float32Array(values.length);
  let to = 0;
  const copy = (from: number, depth: number): void => {
    const axis = axes[depth];
    const [size, step] = axis === undefined ? [1, 0] : [shape[axis]!, strides[axis]!];
    if (depth < axes.length - 1) for (let i = 0; i < size; i++) copy(from + i * step, depth + 1);
    else for (let i = 0; i < size; i++) out[to++] = values[from + i * step]!;
  };
  copy(0, 0);
  return out;
}

/** PyTorch's shape of a parameter that has `shape` here. */
export function pytorchShape(shape: Shape): Shape {
  return axesFor(shape.length).map((axis) => shape[axis]!);
}

/** Values of a parameter of `shape`, row-major in PyTorch's layout. */
export function toPytorch(values: Float32Array, shape: Shape): Float32Array {
  return permute(values, shape, axesFor(shape.length));
}

/** The inverse of `toPytorch`; `shape` is ours. */
export function fromPytorch(values: Float32Array, shape: Shape): Float32Array {
  const axes = axesFor(shape.length);
  const inverse = axes.map((_, axis) => axes.indexOf(axis));
  return permute(values, pytorchShape(shape), inverse);
}
