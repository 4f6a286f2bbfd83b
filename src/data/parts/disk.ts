import {
  closeSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  statfsSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";

/** The calls of the operating system that writing takes; each throws as Node does. */
export interface Disk {
  /** Creates a file that must not exist yet. */
  create(path: string): number;
  openFolder(path: string): number;
  /** Writes bytes from `offset` on and says how many; fewer than asked is no error. */
  write(file: number, bytes: Uint8Array, offset: number): number;
  sync(file: number): void;
  size(file: number): number;
  close(file: number): void;
  rename(from: string, to: string): void;
  remove(path: string): void;
  list(folder: string): readonly string[];
  /** When a file was last written, in milliseconds by the file system's clock. */
  written(path: string): number;
  /** Bytes that may still be written in a folder. */
  free(folder: string): number;
  makeFolder(path: string): void;
}

/** The machine's own file system. */
export const nodeDisk: Disk = {
  create: (path) => openSync(path, "wx", 0o666),
  openFolder: (path) => openSync(path, "r"),
  write: (file, bytes, offset) => writeSync(file, bytes, offset),
  sync: (file) => fsyncSync(file),
  size: (file) => fstatSync(file).size,
  close: (file) => closeSync(file),
  rename: (from, to) => renameSync(from, to),
  remove: (path) => unlinkSync(path),
  list: (folder) => readdirSync(folder),
  written: (path) => statSync(path).mtimeMs,
  free: (folder) => {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  },
  makeFolder: (path) => {
    mkdirSync(path, { recursive: true });
  },
};
