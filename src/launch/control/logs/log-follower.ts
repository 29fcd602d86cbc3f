import { type FileHandle, open, stat } from "node:fs/promises";
import { PenstockError } from "../../../errors/mod.ts";
import { LineSplitter } from "../../../supervise/mod.ts";
import { lastLines } from "./last-lines.ts";
import { readBytesMax } from "./limits.ts";

/**
 * Reads a log file that is written by another process, and goes on in the next one when it is rotated (`NAME` becomes
 * `NAME.1`). A file that is not there yet is an empty one.
 */
export class LogFollower {
  readonly #path: string;
  readonly #splitter = new LineSplitter();
  #file: FileHandle | undefined;
  #position = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** The last lines that are there, from the file before the last rotation too; what follows comes from `next`. */
  async tail(lineCount: number, bytesMax: number): Promise<readonly string[]> {
    this.#file = await openIfThere(this.#path);
    if (this.#file === undefined) return [];
    const last = await lastLines(this.#file, { lineCount, bytesMax });
    this.#position = last.end;
    const older =
      last.isWhole && last.lineCount < lineCount ? await openIfThere(`${this.#path}.1`) : undefined;
    const lines: string[] = [];
    if (older !== undefined) {
      const wanted = {
        lineCount: lineCount - last.lineCount,
        bytesMax: bytesMax - last.bytes.length,
      };
      try {
        lines.push(...this.#splitter.push((await lastLines(older, wanted)).bytes));
      } finally {
        await older.close();
      }
    }
    lines.push(...this.#splitter.push(last.bytes));
    return lines;
  }

  /** Lines that have come since; none when there are none, or only part of one. Reads a limited number of bytes. */
  async next(): Promise<readonly string[]> {
    this.#file ??= await openIfThere(this.#path);
    if (this.#file === undefined) return [];
    const chunk = await this.#read(this.#file);
    if (chunk.length > 0) return this.#splitter.push(chunk);
    return (await this.#isReplaced(this.#file)) ? await this.#goOnInNextFile(this.#file) : [];
  }

  /** What stands behind the last line end. */
  rest(): readonly string[] {
    return this.#splitter.end();
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }

  async #read(file: FileHandle): Promise<Buffer> {
    const { size } = await file.stat();
    if (size < this.#position) this.#position = 0; // It was emptied.
    const buffer = Buffer.alloc(Math.min(readBytesMax, size - this.#position));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, this.#position);
    this.#position += bytesRead;
    return buffer.subarray(0, bytesRead);
  }

  async #isReplaced(file: FileHandle): Promise<boolean> {
    const [held, there] = await Promise.all([file.stat(), stat(this.#path).catch(() => undefined)]);
    return there !== undefined && (there.ino !== held.ino || there.dev !== held.dev);
  }

  /** What was written to the old file between the last look and its rotation comes first. */
  async #goOnInNextFile(file: FileHandle): Promise<readonly string[]> {
    const chunk = await this.#read(file);
    if (chunk.length > 0) return this.#splitter.push(chunk);
    await this.close();
    this.#position = 0;
    return await this.next();
  }
}

/** @throws PenstockError LOG_NOT_READABLE */
async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, "r");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw new PenstockError("LOG_NOT_READABLE", { path, reason: message }, { cause: error });
  }
}
