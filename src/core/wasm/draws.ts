import type { Draws, Numbers } from "../draws.js";
import { plainDraws } from "../draws.js";
import type { Key } from "../philox.js";
import { kernelModule } from "./kernel.js";

/** What `kernelModule` exports. */
interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer };
  words(count: number, first: number, keyLow: number, keyHigh: number): number;
  normals(count: number, deviation: number): number;
  uniforms(count: number, low: number, width: number): number;
}

/** The part of WebAssembly that is used; absent where the engine compiles nothing. */
declare const WebAssembly:
  | {
      validate(bytes: Uint8Array): boolean;
      readonly Module: new (bytes: Uint8Array) => object;
      readonly Instance: new (module: object) => { readonly exports: object };
    }
  | undefined;

/** Blocks of two numbers made in one call: 16 KiB, so that they stay in the first cache. */
const chunk = 1024;

/** Makes ever more words in the kernel's memory, lets `convert` replace them and copies these. */
function inChunks(
  out: Numbers,
  key: Key,
  first: number,
  kernel: Kernel,
  convert: (values: Float64Array, block: number) => void,
): void {
  const memory = kernel.memory.buffer;
  const blocks = Math.ceil(out.length / 2);
  for (let done = 0; done < blocks; done += chunk) {
    const values = new Float64Array(memory, 0, 2 * Math.min(chunk, blocks - done));
    kernel.words(values.length / 2, first + done, key.low, key.high);
    convert(values, first + done);
    out.set(values.subarray(0, out.length - 2 * done), 2 * done);
  }
}

/** Draws again in plain JavaScript what the kernel left out. */
function mend(values: Float64Array, key: Key, first: number, deviation: number): void {
  for (let i = 0; i < values.length; i += 2)
    if (Number.isNaN(values[i]))
      plainDraws.normals(values.subarray(i, i + 2), key, first + i / 2, deviation);
}

function drawsBy(kernel: Kernel): Draws {
  return {
    normals: (out, key, first, deviation) =>
      inChunks(out, key, first, kernel, (values, block) => {
        if (kernel.normals(values.length / 2, deviation) !== 0) mend(values, key, block, deviation);
      }),
    uniforms: (out, key, first, low, high) =>
      inChunks(out, key, first, kernel, (values) => {
        kernel.uniforms(values.length / 2, low, high - low);
      }),
  };
}

/**
 * Draws by WebAssembly, compiled here: the bits of `plainDraws`, several times faster. Undefined
 * where the engine has no 128-bit vectors or no room.
 */
export function wasmDraws(): Draws | undefined {
  if (typeof WebAssembly === "undefined") return undefined;
  const bytes = kernelModule();
  if (!WebAssembly.validate(bytes)) return undefined;
  try {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    return drawsBy(exports as Kernel);
  } catch {
    // Its memory reserves gigabytes of addresses, which a limit may forbid.
    return undefined;
  }
}
