import type { Shape } from "../core/shape.js";
import type { Child, Layer } from "./layer.js";
import { applyPart, partSpecs } from "./scope.js";

/** Layers one after the other; the keys are the names of the parts, in order. */
export function serial(parts: Readonly<Record<string, Layer>>): Layer {
  const names = Object.keys(parts);
  const children = (inShape: Shape): readonly Child[] => {
    let shape = inShape;
    return names.map((name) => {
      const child = { name, layer: parts[name]!, inShape: shape };
      shape = child.layer.outShape(shape);
      return child;
    });
  };
  return {
    kind: "serial",
    children,
    parameters: (inShape) =>
      children(inShape).flatMap((child) => partSpecs(child.name, child.layer, child.inShape)),
    outShape: (inShape) => names.reduce((shape, name) => parts[name]!.outShape(shape), inShape),
    macs: (inShape) =>
      children(inShape).reduce((sum, child) => sum + child.layer.macs(child.inShape), 0),
    apply: (x, parameters, context) =>
      names.reduce((y, name) => applyPart(name, parts[name]!, y, parameters, context), x),
  };
}
