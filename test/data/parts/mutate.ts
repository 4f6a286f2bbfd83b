import { IsoscopeError, UserError } from "../../../src/core/errors.js";
import type { Key } from "../../../src/core/random.js";
import { fold, keyOf, uniform } from "../../../src/core/random.js";

/** Integers that break readers: lengths, signs, the ends of every integer type. */
const badWords = [
  0n,
  1n,
  0xffn,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  1n << 53n,
  (1n << 64n) - 1n,
];

type Change = (bytes: Uint8Array, draw: (below: number) => number) => Uint8Array;

function setWord(bytes: Uint8Array, at: number, word: bigint, little: boolean): Uint8Array {
  const out = bytes.slice();
  const view = new DataView(out.buffer);
  if (at + 8 <= out.length) view.setBigUint64(at, word, little);
  else if (at < out.length) out[at] = Number(word & 0xffn);
  return out;
}

/** Ways to damage a file; `draw(n)` is an integer in [0, n). */
const changes: readonly Change[] = [
  (bytes, draw) => {
    const out = bytes.slice();
    for (let i = draw(4); i >= 0; i--) out[draw(out.length)]! ^= 1 << draw(8);
    return out;
  },
  (bytes, draw) => bytes.slice(0, draw(bytes.length)),
  (bytes, draw) => bytes.slice(0, draw(Math.min(bytes.length, 200))),
  (bytes, draw) => new Uint8Array([...bytes, ...new Uint8Array(1 + draw(20)).fill(draw(256))]),
  (bytes, draw) => {
    const [a, b] = [draw(bytes.length), draw(bytes.length)];
    return new Uint8Array([...bytes.slice(0, a), ...bytes.slice(b)]);
  },
  (bytes, draw) => setWord(bytes, draw(Math.min(bytes.length, 200)), badWords[draw(8)]!, true),
  (bytes, draw) => setWord(bytes, draw(Math.min(bytes.length, 200)), badWords[draw(8)]!, false),
  (bytes, draw) => {
    const out = bytes.slice();
    out[draw(Math.min(out.length, 200))] = draw(256);
    return out;
  },
];

/** One damaged copy of a file; equal keys damage equally. */
export function mutate(bytes: Uint8Array, key: Key): Uint8Array {
  const draws = uniform(key, 16);
  let at = 0;
  const draw = (below: number) => Math.floor(draws[at++ % 16]! * Math.max(1, below));
  // A copy of a plain type: Buffer.slice would share its memory with the sound file.
  return changes[draw(changes.length)]!(Uint8Array.from(bytes), draw);
}

/** What became of the mutants of a file. */
export interface Survey {
  readonly accepted: number;
  readonly refused: number;
  /** Anything thrown that is no one-line `UserError`, as text. */
  readonly wrong: readonly string[];
}

function judge(thrown: unknown): string | undefined {
  if (thrown instanceof UserError && !thrown.message.includes("\n")) return undefined;
  const kind = thrown instanceof IsoscopeError ? thrown.name : "no error of ours";
  return `${kind}: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}`;
}

/** Lets `read` read `count` damaged copies of a file. */
export async function surveyMutants(
  bytes: Uint8Array,
  count: number,
  read: (mutant: Uint8Array) => unknown,
): Promise<Survey> {
  let refused = 0;
  const wrong: string[] = [];
  for (let i = 0; i < count; i++) {
    try {
      await read(mutate(bytes, fold(keyOf(20), `mutant ${i}`)));
    } catch (thrown) {
      refused++;
      const complaint = judge(thrown);
      if (complaint !== undefined) wrong.push(`mutant ${i}: ${complaint}`);
    }
  }
  return { accepted: count - refused, refused, wrong: wrong.slice(0, 3) };
}
