import { closeSync, existsSync, fstatSync, openSync, renameSync, writeSync } from "node:fs";

/** Size at which a log file becomes `NAME.1`, in place of the one before it; a process keeps two of them. */
export const logFileBytesMax = 33_554_432;

/**
 * A log file of bounded size, which goes on where an earlier one of its name ended. Writing blocks, as it goes to a
 * local file a few lines at a time. A full disk must not end a deployment that serves: what cannot be written is
 * dropped and counted, and the first such loss is told.
 */
export class RotatingFile {
  readonly #path: string;
  readonly #bytesMax: number;
  readonly #onFirstDrop: (reason: string) => void;
  #descriptor: number;
  #bytes: number;
  droppedWrites = 0;

  constructor(
    path: string,
    onFirstDrop: (reason: string) => void = () => {},
    bytesMax = logFileBytesMax,
  ) {
    this.#path = path;
    this.#bytesMax = bytesMax;
    this.#onFirstDrop = onFirstDrop;
    this.#descriptor = openSync(path, "a");
    this.#bytes = fstatSync(this.#descriptor).size;
  }

  write(chunk: Buffer): void {
    try {
      if (this.#bytes > 0 && this.#bytes + chunk.length > this.#bytesMax) this.#rotate();
      const written = writeSync(this.#descriptor, chunk);
      this.#bytes += written;
      if (written < chunk.length) this.#drop("the disk took only a part of a write");
    } catch (error) {
      this.#drop((error as Error).message); // Most likely the disk is full: the log suffers, the service goes on.
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #drop(reason: string): void {
    this.droppedWrites++;
    if (this.droppedWrites === 1) this.#onFirstDrop(reason);
  }

  /** Keeps the old file open until there is a new one, so that the descriptor is ours whatever fails. */
  #rotate(): void {
    if (existsSync(this.#path)) renameSync(this.#path, `${this.#path}.1`);
    const fresh = openSync(this.#path, "a");
    closeSync(this.#descriptor);
    this.#descriptor = fresh;
    this.#bytes = 0;
  }
}
