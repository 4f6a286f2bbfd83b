import type { Activation } from "./activation.js";

/** y = x, without a copy. */
export const identity = { name: "identity", apply: (x) => x } as const satisfies Activation;
