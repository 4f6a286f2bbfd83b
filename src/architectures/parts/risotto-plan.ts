import { UserError } from "../../core/errors.js";
import { z } from "../../core/schema.js";
import { typeBFits } from "../../initializers/risotto.js";
import { branchConvolutions, type Convolution, keepsShape } from "./branch.js";
import { inputOptions, type Place, resolveTrunk, type Trunk } from "./trunk.js";

/** Options of Risotto networks. */
export const risottoSchema = z.strictObject({
  /**
   * `resnet` by depth, or `five-block`: a stem and five blocks of one width, as in the paper's
   * figure 1b.
   */
  net: z.enum(["resnet", "five-block"]).default("resnet"),
  /** `C`: a 1x1 convolution on every shortcut. `B`: the identity where shapes allow it. */
  type: z.enum(["B", "C"]).default("C"),
  depth: z.int().default(18),
  block: z.enum(["basic", "bottleneck"]).optional(),
  /** Channels of the five-block net, 32 unless given; a resnet's follow from its depth. */
  width: z.int().min(2).max(4096).optional(),
  /** Initial value of the trainable factor of each branch. */
  alpha: z.number().min(-100).max(100).default(1),
  /** Last matrix of type B: exact, or as in definition 2.9, or as in appendix A.3. */
  definition: z.enum(["corrected", "as-printed", "appendix"]).default("corrected"),
  batchNorm: z.boolean().default(false),
  ...inputOptions,
});

/** Values of Risotto's options. */
export type RisottoOptions = z.infer<typeof risottoSchema>;

/** One block: where it stands, its type and the convolutions of its branch. */
export interface RisottoPlace {
  readonly place: Place;
  readonly type: "B" | "C";
  readonly convolutions: readonly Convolution[];
}

/** A network before it is built. */
export interface RisottoPlan {
  readonly trunk: Trunk;
  readonly blocks: readonly RisottoPlace[];
  readonly notes: readonly string[];
}

/** Channels from a block's input through its branch: `[in, inner, ..., out]`. */
export function widthsOf({ place, convolutions }: RisottoPlace): readonly number[] {
  return [place.inWidth, ...convolutions.map((convolution) => convolution.outWidth)];
}

/** Half of the channels: what one of the mirrored halves holds. */
const half = (width: number): number => Math.floor(width / 2);

/** Whether a type B block has fewer channels inside than outside. */
export function isNarrow(block: RisottoPlace): boolean {
  return block.type === "B" && !typeBFits(widthsOf(block));
}

/** Whether every value of a block's input can be found again in its output. */
export function keepsAll({ place }: RisottoPlace): boolean {
  return half(place.outWidth) >= half(place.inWidth);
}

/** Sentences about blocks, each with the test that finds them. */
const reasons: readonly { what: string; why: string; holds(block: RisottoPlace): boolean }[] = [
  {
    what: "not exact",
    why: "stride 2 keeps the norm of the sampled pixels only",
    holds: ({ place }) => place.stride !== 1,
  },
  {
    what: "not as defined",
    why: "type B with fewer channels inside than outside cannot hold the definition's matrix; as many channels as fit inside, drawn at random, are rotated and the identity passes the others, which keeps norms",
    holds: isNarrow,
  },
  {
    what: "not exact",
    why: "an odd width leaves one channel without a partner, at zero",
    holds: (block) => widthsOf(block).some((width) => width % 2 === 1),
  },
  {
    what: "not exact",
    why: "fewer outputs than inputs project the signal and lose norm",
    holds: (block) => !keepsAll(block),
  },
];

function blockNotes(blocks: readonly RisottoPlace[]): readonly string[] {
  return reasons.flatMap(({ what, why, holds }) => {
    const names = blocks.filter(holds).map(({ place }) => `blocks.${place.index}`);
    return names.length === 0 ? [] : [`${what} in ${names.join(", ")}: ${why}`];
  });
}

/** Whether type B's last matrix keeps norms: the appendix's scales them by |alpha|. */
export function typeBKeepsNorm({ definition, alpha }: RisottoOptions): boolean {
  return definition === "corrected" || (definition === "appendix" && Math.abs(alpha) === 1);
}

function optionNotes(options: RisottoOptions, blocks: readonly RisottoPlace[]): readonly string[] {
  const hasB = blocks.some(({ type }) => type === "B");
  return [
    ...(hasB && !typeBKeepsNorm(options)
      ? [`not exact: the ${options.definition} matrix of type B does not keep norms`]
      : []),
    ...(options.batchNorm ? ["not exact: batch norm rescales every channel"] : []),
  ];
}

function stemNotes(stemWidth: number, channels: number): readonly string[] {
  const notes: string[] = [];
  if (half(stemWidth) < channels)
    notes.push("not exact in stem: fewer outputs than inputs project the image and lose norm");
  if (stemWidth % 2 === 1)
    notes.push("not exact in stem: an odd width leaves one channel without a partner, at zero");
  return notes;
}

function fiveBlockPlaces(width: number, size: number): readonly Place[] {
  return Array.from({ length: 5 }, (_, index) => ({
    index,
    stage: 1,
    first: index === 0,
    stride: 1 as const,
    inWidth: width,
    inner: width,
    outWidth: width,
    size,
  }));
}

function fiveBlockTrunk(options: RisottoOptions): Trunk {
  const size = options.size ?? 32;
  const width = options.width ?? 32;
  return {
    input: "cifar",
    block: "basic",
    stem: "3x3",
    depth: 12,
    inShape: [size, size, options.channels ?? 3],
    classes: options.classes ?? 10,
    stemWidth: width,
    places: fiveBlockPlaces(width, size),
    notes: [`five blocks of ${width} channels, 3x3 stem, ${size}x${size} input`],
  };
}

function trunkOf(options: RisottoOptions): Trunk {
  if (options.net === "five-block") return fiveBlockTrunk(options);
  if (options.width !== undefined)
    throw new UserError(
      `risotto: option "width" is ${options.width}; allowed: net=five-block only`,
    );
  return resolveTrunk(options, "risotto", "3x3");
}

/**
 * The blocks that options ask for, and why they may not be exact. Throws `UserError` when options
 * do not go together.
 */
export function risottoPlan(options: RisottoOptions): RisottoPlan {
  if (options.alpha === 0)
    throw new UserError('risotto: option "alpha" is 0; allowed: any other number from -100 to 100');
  const trunk = trunkOf(options);
  const blocks = trunk.places.map((place): RisottoPlace => {
    const type = options.type === "B" && keepsShape(place) ? "B" : "C";
    return { place, type, convolutions: branchConvolutions(place, trunk.block) };
  });
  const notes = [
    ...trunk.notes,
    ...stemNotes(trunk.stemWidth, trunk.inShape[2]!),
    ...blockNotes(blocks),
    ...optionNotes(options, blocks),
  ];
  return { trunk, blocks, notes };
}
