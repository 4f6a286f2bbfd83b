import type { Key } from "../../core/random.js";
import { fold, permutation } from "../../core/random.js";
import { atCentre, channelsOf } from "../../initializers/centre-tap.js";
import { delta } from "../../initializers/delta.js";
import type { Initializer } from "../../initializers/initializer.js";
import type { RisottoBlock, TypeBVariant } from "../../initializers/risotto.js";
import { risottoTypeB } from "../../initializers/risotto.js";

/**
 * Channels that a narrow branch carries, in its own order: `inner / 2` positive halves drawn at
 * random, then the negative halves that belong to them.
 */
function carriedChannels(channels: number, inner: number, key: Key): readonly number[] {
  const pairs = Math.floor(channels / 2);
  const drawn = permutation(fold(key, "carried"), pairs).slice(0, Math.floor(inner / 2));
  const positive = Array.from(drawn);
  return [...positive, ...positive.map((channel) => channel + pairs)];
}

/** Copies the carried channels out of all. */
function gather(): Initializer {
  return {
    name: "risotto-b.gather",
    sample: (shape, key) => {
      const { inputs, outputs } = channelsOf(shape);
      const matrix = new Float64Array(inputs * outputs);
      carriedChannels(inputs, outputs, key).forEach((channel, at) => {
        matrix[channel * outputs + at] = 1;
      });
      return atCentre(shape, matrix);
    },
  };
}

/** Type B's last matrix for the carried channels, written to their places among all. */
function scatter(block: RisottoBlock, variant: TypeBVariant): Initializer {
  return {
    name: "risotto-b.scatter",
    sample: (shape, key) => {
      const { inputs, outputs } = channelsOf(shape);
      const small = risottoTypeB({ widths: [inputs, inputs], alpha: block.alpha }, variant);
      const values = small.branch[0]!.sample([inputs, inputs], key);
      const matrix = new Float64Array(inputs * outputs);
      carriedChannels(outputs, inputs, key).forEach((channel, to) => {
        for (let from = 0; from < inputs; from++)
          matrix[from * outputs + channel] = values[from * inputs + to]!;
      });
      return atCentre(shape, matrix);
    },
  };
}

/**
 * Type B for a branch that is narrower inside than outside, where the definition has no exact form:
 * as many pairs of channels as the branch can carry, drawn at random for each block, get type B's
 * rotation; the identity shortcut passes the others, which a ReLU leaves as they are. Norms are
 * kept, as by a full type B block. Initializers share the block's random stream. Source: own
 * construction on Gadhikar & Burkholz 2022, arXiv:2210.02411 (Risotto), definition 2.9.
 */
export function narrowTypeB(block: RisottoBlock, variant: TypeBVariant): readonly Initializer[] {
  const between = block.widths.slice(2, -1).map(() => delta());
  return [gather(), ...between, scatter(block, variant)];
}
