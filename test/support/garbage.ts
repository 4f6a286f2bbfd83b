import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Frees what nothing holds, so that a measure of memory does not depend on the collector's mood. */
export function collectGarbage(): void {
  collect();
}
