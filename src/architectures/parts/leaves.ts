import type { Child } from "../../layers/layer.js";
import type { Network } from "../architecture.js";
import { partsOf } from "./network.js";

function leavesBelow(child: Child): readonly Child[] {
  const { name, layer, inShape } = child;
  const children = layer.children?.(inShape);
  if (children === undefined) return [child];
  return children.flatMap((part) => leavesBelow({ ...part, name: `${name}.${part.name}` }));
}

/**
 * Every layer of a network that has no parts of its own, in order, by its full name:
 * `blocks.3.branch.conv1`.
 */
export function leavesOf(network: Network): readonly Child[] {
  return partsOf(network).flatMap(leavesBelow);
}
