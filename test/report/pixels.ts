import { inflateSync } from "node:zlib";

/** An 8-bit picture with four channels. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [a, b, c] = [left, up, corner].map((value) => Math.abs(guess - value)) as [
    number,
    number,
    number,
  ];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

function chunks(png: Uint8Array): ReadonlyMap<string, Buffer> {
  const bytes = Buffer.from(png);
  const found = new Map<string, Buffer>();
  for (let at = 8; at < bytes.length; ) {
    const size = bytes.readUInt32BE(at);
    const name = bytes.toString("latin1", at + 4, at + 8);
    const data = bytes.subarray(at + 8, at + 8 + size);
    found.set(name, Buffer.concat([found.get(name) ?? Buffer.alloc(0), data]));
    at += size + 12;
  }
  return found;
}

/** Reads a PNG of 8-bit RGBA without interlacing. */
export function decodePng(png: Uint8Array): Picture {
  const parts = chunks(png);
  const header = parts.get("IHDR")!;
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  if (header[8] !== 8 || header[9] !== 6) throw new Error("not 8-bit RGBA");
  const raw = inflateSync(parts.get("IDAT")!);
  const stride = width * 4;
  const pixels = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)]!;
    for (let x = 0; x < stride; x++) {
      const left = x < 4 ? 0 : pixels[y * stride + x - 4]!;
      const up = y === 0 ? 0 : pixels[(y - 1) * stride + x]!;
      const corner = x < 4 || y === 0 ? 0 : pixels[(y - 1) * stride + x - 4]!;
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter]!;
      pixels[y * stride + x] = raw[y * (stride + 1) + 1 + x]! + guess;
    }
  }
  return { width, height, pixels };
}

/** Leftmost and rightmost column with a dark pixel. */
export function darkSpan({ width, pixels }: Picture): readonly [number, number] {
  let [first, last] = [width, -1];
  for (let i = 0; i < pixels.length; i += 4) {
    if (pixels[i]! > 128) continue;
    const x = (i / 4) % width;
    first = Math.min(first, x);
    last = Math.max(last, x);
  }
  return [first, last];
}
