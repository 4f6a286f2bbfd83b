/**
 * The least network on the cifar trunk, one block a stage on 8x8 images: builds and runs in
 * milliseconds.
 */
export const quickTrunk = {
  depth: 8,
  input: "cifar",
  block: "basic",
  stem: "3x3",
  size: 8,
  channels: 3,
  classes: 10,
} as const;
