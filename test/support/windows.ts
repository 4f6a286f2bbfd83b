/** An image batch in float64, `[batch, height, width, channels]`, row-major. */
export interface Images {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly values: Float64Array;
}

/** A square window: `size`, `stride` and cells added on each side. */
export interface WindowOptions {
  readonly size: number;
  readonly stride: number;
  readonly padding: number;
}

/** What lies under one position of a window; cells of the padding are left out. */
export interface Seen {
  readonly value: number;
  readonly row: number;
  readonly column: number;
  readonly channel: number;
}

/** Positions of a window along an axis of n cells, by trying each one. */
export function positions(n: number, { size, stride, padding }: WindowOptions): number[] {
  const starts: number[] = [];
  for (let start = -padding; start + size <= n + padding; start += stride) starts.push(start);
  return starts;
}

function* underWindow(
  images: Images,
  image: number,
  top: number,
  left: number,
  size: number,
): Generator<Seen> {
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const [y, x] = [top + row, left + column];
      if (y < 0 || y >= images.height || x < 0 || x >= images.width) continue;
      for (let channel = 0; channel < images.channels; channel++) {
        const at = ((image * images.height + y) * images.width + x) * images.channels + channel;
        yield { value: images.values[at]!, row, column, channel };
      }
    }
  }
}

/**
 * Moves a window over every image and lists what `result` makes of each position, in row-major
 * order.
 */
export function overWindows(
  images: Images,
  window: WindowOptions,
  result: (seen: readonly Seen[]) => readonly number[],
): Float64Array {
  const out: number[] = [];
  for (let image = 0; image < images.batch; image++) {
    for (const top of positions(images.height, window)) {
      for (const left of positions(images.width, window)) {
        out.push(...result([...underWindow(images, image, top, left, window.size)]));
      }
    }
  }
  return Float64Array.from(out);
}
