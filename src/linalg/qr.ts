import type { Key } from "../core/random.js";
import { fold, normal } from "../core/random.js";

/**
 * Thin QR factors, row-major: `q` is `[rows, cols]` with orthonormal columns, `r` is `[cols, cols]`
 * upper triangular.
 */
export interface Qr {
  readonly q: Float64Array;
  readonly r: Float64Array;
}

/**
 * Columns one after the other; reflectors v of H = I - tau v v' lie in their own columns from the
 * diagonal down.
 */
interface Reflectors {
  readonly rows: number;
  readonly cols: number;
  readonly columns: Float64Array;
  readonly tau: Float64Array;
  /** Diagonal of R. */
  readonly diagonal: Float64Array;
}

function checkSize(rows: number, cols: number): void {
  const valid = Number.isSafeInteger(rows) && Number.isSafeInteger(cols) && rows > 0 && cols > 0;
  if (!valid) throw new RangeError(`matrix ${rows}x${cols}: sizes must be positive integers`);
}

function checkFinite(values: Float64Array): void {
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) throw new RangeError(`matrix entry ${at} is ${values[at]}: not a finite number`);
}

/**
 * Applies H to one column: y -= tau (v'y) v. `v` and `y` are offsets, `n` the length from the
 * diagonal down.
 */
function reflectOne(a: Float64Array, v: number, y: number, n: number, tau: number): void {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += a[v + i]! * a[y + i]!;
  sum *= tau;
  for (let i = 0; i < n; i++) a[y + i]! -= sum * a[v + i]!;
}

/**
 * Applies H to four columns that lie `stride` apart: v is read once for four, and four sums run
 * side by side.
 */
function reflectFour(
  a: Float64Array,
  v: number,
  y: number,
  stride: number,
  n: number,
  tau: number,
): void {
  const y1 = y + stride;
  const y2 = y1 + stride;
  const y3 = y2 + stride;
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    const x = a[v + i]!;
    s0 += x * a[y + i]!;
    s1 += x * a[y1 + i]!;
    s2 += x * a[y2 + i]!;
    s3 += x * a[y3 + i]!;
  }
  s0 *= tau;
  s1 *= tau;
  s2 *= tau;
  s3 *= tau;
  for (let i = 0; i < n; i++) {
    const x = a[v + i]!;
    a[y + i]! -= s0 * x;
    a[y1 + i]! -= s1 * x;
    a[y2 + i]! -= s2 * x;
    a[y3 + i]! -= s3 * x;
  }
}

/** Applies reflector `k` to the columns from `first` on. */
function reflect(reflectors: Reflectors, k: number, first: number): void {
  const { rows, cols, columns } = reflectors;
  const tau = reflectors.tau[k]!;
  const v = k * rows + k;
  let j = first;
  for (; j + 4 <= cols; j += 4) reflectFour(columns, v, j * rows + k, rows, rows - k, tau);
  for (; j < cols; j++) reflectOne(columns, v, j * rows + k, rows - k, tau);
}

/** Turns column `k` from the diagonal down into its reflector. A zero column keeps H = I. */
function makeReflector({ rows, columns, tau, diagonal }: Reflectors, k: number): void {
  const at = k * rows + k;
  const end = (k + 1) * rows;
  let largest = 0;
  for (let i = at; i < end; i++) largest = Math.max(largest, Math.abs(columns[i]!));
  if (largest === 0) return;
  let sum = 0;
  for (let i = at; i < end; i++) {
    columns[i]! /= largest;
    sum += columns[i]! ** 2;
  }
  const head = columns[at]!;
  const mapped = head > 0 ? -Math.sqrt(sum) : Math.sqrt(sum);
  columns[at] = head - mapped;
  tau[k] = 1 / (mapped * (mapped - head));
  diagonal[k] = mapped * largest;
}

function emptyReflectors(rows: number, cols: number, columns: Float64Array): Reflectors {
  const [tau, diagonal] = [new Float64Array(cols), new Float64Array(cols)];
  return { rows, cols, columns, tau, diagonal };
}

/** Replaces the reflectors by the first `cols` columns of their product, last reflector first. */
function formQ(reflectors: Reflectors): void {
  const { rows, cols, columns, tau } = reflectors;
  for (let k = cols - 1; k >= 0; k--) {
    reflect(reflectors, k, k + 1);
    const at = k * rows + k;
    columns.fill(0, k * rows, at);
    const factor = -tau[k]! * columns[at]!;
    for (let i = at; i < (k + 1) * rows; i++) columns[i]! *= factor;
    columns[at]! += 1;
  }
}

/**
 * Column-major `[rows, cols]` to row-major; the same call turns row-major `[cols, rows]` around.
 */
function transpose(values: Float64Array, rows: number, cols: number): Float64Array {
  const out = new Float64Array(rows * cols);
  for (let j = 0; j < cols; j++) {
    for (let i = 0; i < rows; i++) out[i * cols + j] = values[j * rows + i]!;
  }
  return out;
}

/** R as it stands above the diagonals of the reflectors. */
function upper({ rows, cols, columns, diagonal }: Reflectors): Float64Array {
  const r = new Float64Array(cols * cols);
  for (let j = 0; j < cols; j++) {
    for (let i = 0; i < j; i++) r[i * cols + j] = columns[j * rows + i]!;
    r[j * cols + j] = diagonal[j]!;
  }
  return r;
}

/**
 * Householder QR of a row-major matrix `[rows, cols]`, rows >= cols, in float64; signs of the
 * diagonal of R are as the reflections give them. Throws `RangeError` on other shapes and on
 * non-finite entries.
 * Source: Golub & Van Loan 2013, "Matrix Computations", algorithm 5.2.1.
 */
export function qr(matrix: Float64Array, rows: number, cols: number): Qr {
  checkSize(rows, cols);
  if (matrix.length !== rows * cols || rows < cols)
    throw new RangeError(`matrix ${rows}x${cols} of ${matrix.length} entries: need rows >= cols`);
  checkFinite(matrix);
  const reflectors = emptyReflectors(rows, cols, transpose(matrix, cols, rows));
  for (let k = 0; k < cols; k++) {
    makeReflector(reflectors, k);
    reflect(reflectors, k, k + 1);
  }
  const r = upper(reflectors);
  formQ(reflectors);
  return { q: transpose(reflectors.columns, rows, cols), r };
}

/**
 * Reflectors of a Gaussian matrix: its columns stay independent Gaussians below each diagonal, so
 * none is applied.
 */
function gaussianReflectors(rows: number, cols: number, key: Key): Reflectors {
  const columns = normal(fold(key, "haar"), rows * cols);
  const reflectors = emptyReflectors(rows, cols, columns);
  for (let k = 0; k < cols; k++) makeReflector(reflectors, k);
  return reflectors;
}

/**
 * A Haar-distributed semi-orthogonal matrix, row-major `[rows, cols]`: orthonormal columns when
 * rows >= cols, orthonormal rows otherwise. It is the Q of a Gaussian matrix with its columns times
 * the sign of R's diagonal; the reflectors are drawn directly, which spares the factorisation.
 * Source: Stewart 1980, SIAM J. Numer. Anal. 17; Mezzadri 2007, arXiv:math-ph/0609050, section 5.
 */
export function haar(rows: number, cols: number, key: Key): Float64Array {
  checkSize(rows, cols);
  const [long, short] = [Math.max(rows, cols), Math.min(rows, cols)];
  const reflectors = gaussianReflectors(long, short, key);
  const { columns, diagonal } = reflectors;
  formQ(reflectors);
  for (let j = 0; j < short; j++) {
    if (diagonal[j]! < 0) for (let i = j * long; i < (j + 1) * long; i++) columns[i] = -columns[i]!;
  }
  return rows >= cols ? transpose(columns, rows, cols) : columns;
}
