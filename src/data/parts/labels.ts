import { UserError } from "../../core/errors.js";

/** Labels that are all in 0..classes-1. Throws `UserError` naming the file and the record. */
export function checkLabels(labels: ArrayLike<number>, classes: number, where: string): Int32Array {
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (Number.isInteger(label) && label >= 0 && label < classes) continue;
    throw new UserError(`${where}: label ${label} of record ${i}; allowed: 0 to ${classes - 1}`);
  }
  return Int32Array.from(labels);
}
