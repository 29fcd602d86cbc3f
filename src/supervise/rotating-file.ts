import { closeSync, existsSync, openSync, renameSync, writeSync } from "node:fs";

/** Size at which a log file becomes `NAME.1`, in place of the one before it; a process keeps two of them. */
export const logFileBytesMax = 33_554_432;

/**
 * A log file of bounded size. Writing blocks, as it goes to a local file a few lines at a time. A full disk
 * must not end a deployment that serves: what cannot be written is dropped and counted.
 */
export class RotatingFile {
  readonly #path: string;
  readonly #bytesMax: number;
  #descriptor: number;
  #bytes = 0;
  droppedWrites = 0;

  constructor(path: string, bytesMax = logFileBytesMax) {
    this.#path = path;
    this.#bytesMax = bytesMax;
    this.#descriptor = openSync(path, "w");
  }

  write(chunk: Buffer): void {
    try {
      if (this.#bytes > 0 && this.#bytes + chunk.length > this.#bytesMax) this.#rotate();
      this.#bytes += writeSync(this.#descriptor, chunk);
    } catch {
      this.droppedWrites++; // Most likely the disk is full: the log suffers, the service goes on.
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  /** Keeps the old file open until there is a new one, so that the descriptor is ours whatever fails. */
  #rotate(): void {
    if (existsSync(this.#path)) renameSync(this.#path, `${this.#path}.1`);
    const fresh = openSync(this.#path, "w");
    closeSync(this.#descriptor);
    this.#descriptor = fresh;
    this.#bytes = 0;
  }
}
