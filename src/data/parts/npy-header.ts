import { UserError } from "../../core/errors.js";
import type { Shape } from "../../core/shape.js";
import { sizeOf } from "../../core/shape.js";

/** The element types of NumPy that are read, with their bytes. */
export const elementBytes: Readonly<Record<string, number>> = {
  "<f4": 4,
  "<f8": 8,
  "|u1": 1,
  "|i1": 1,
  "<u2": 2,
  "<i2": 2,
  "<u4": 4,
  "<i4": 4,
  "<u8": 8,
  "<i8": 8,
};

/** NumPy's own bound on a header that is read. */
const headerLimit = 10_000;

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const form = /^\{'descr':'([^']*)','fortran_order':(True|False),'shape':\(((?:\d+,)*\d*)\),?\}$/;

function headerEnd(bytes: Uint8Array, where: string): readonly [start: number, end: number] {
  if (bytes.length < 12 || !magic.every((byte, i) => bytes[i] === byte)) {
    throw new UserError(`${where}: not an .npy file (NumPy's numpy.save writes one)`);
  }
  const version = bytes[6]!;
  if (version < 1 || version > 3) {
    throw new UserError(`${where}: .npy version ${version}; allowed: 1, 2, 3`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = version === 1 ? 10 : 12;
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const most = Math.min(headerLimit, bytes.length - start);
  if (length > most) {
    throw new UserError(`${where}: the header says it has ${length} bytes; allowed: ${most}`);
  }
  return [start, start + length];
}

/**
 * Checks that an .npy file is what its header says, before anything is made of it; its shape.
 * Throws `UserError` when it is not, for column-major (Fortran) order, and for element types
 * outside `allowed`; object arrays are pickles and never read.
 * Source: NumPy, NEP 1 (the .npy format).
 */
export function checkNpy(bytes: Uint8Array, allowed: readonly string[], where: string): Shape {
  const [start, end] = headerEnd(bytes, where);
  const text = new TextDecoder("latin1").decode(bytes.subarray(start, end));
  const [, type, fortran, sizes] = form.exec(text.replaceAll(/\s+/g, "")) ?? [];
  if (type === undefined || sizes === undefined) {
    throw new UserError(
      `${where}: the header is not {descr, fortran_order, shape} of a plain array`,
    );
  }
  if (!allowed.includes(type)) {
    const came = JSON.stringify(type.slice(0, 20));
    throw new UserError(`${where}: element type ${came}; allowed: ${allowed.join(", ")}`);
  }
  if (fortran === "True") {
    throw new UserError(`${where}: column-major order; save numpy.ascontiguousarray(x) instead`);
  }
  const shape = sizes.split(",").filter(Boolean).map(Number);
  const claimed = sizeOf(shape) * elementBytes[type]!;
  if (claimed !== bytes.length - end) {
    throw new UserError(
      `${where}: ${bytes.length - end} bytes of data; ` +
        `its header says (${sizes}) of ${type}: ${claimed}`,
    );
  }
  if (end % elementBytes[type]! !== 0) {
    throw new UserError(`${where}: the header is not padded to a multiple of 16 bytes`);
  }
  return shape;
}
