import { constants } from "node:fs";
import { type FileHandle, open, rename, stat } from "node:fs/promises";
import { PenstockError } from "../../errors/mod.ts";
import { type LogSink, takenOf } from "./log-sink.ts";

export interface LogFileOptions {
  /** A file that has come to this size is moved to `path.1`, that to `path.2` and so on. */
  readonly fileBytesMax: number;
  /** Older files that are kept. */
  readonly oldFilesMax: number;
  /** Whether this is who moves it. Of several threads that write one file only one may; the others follow. */
  readonly rotates: boolean;
}

/**
 * A file that lines are appended to, whoever else appends to it. Before each write it looks at the path: a file that
 * was moved away or removed is left alone and begun anew, so that logrotate needs to tell nobody.
 */
export class LogFile implements LogSink {
  readonly #path: string;
  readonly #options: LogFileOptions;
  #file: FileHandle | undefined;

  private constructor(path: string, options: LogFileOptions, file: FileHandle) {
    this.#path = path;
    this.#options = options;
    this.#file = file;
  }

  /** @throws PenstockError ROUTER_ACCESS_LOG_UNUSABLE */
  static async open(path: string, options: LogFileOptions): Promise<LogFile> {
    try {
      return new LogFile(path, options, await openToAppend(path));
    } catch (cause) {
      const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
      throw new PenstockError("ROUTER_ACCESS_LOG_UNUSABLE", { path, reason }, { cause });
    }
  }

  async write(bytes: Buffer): Promise<number> {
    const file = await this.#current();
    return takenOf(file.write(bytes));
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  /** The file that is at the path, with room for more. */
  async #current(): Promise<FileHandle> {
    if (this.#file !== undefined && !(await this.#isOver(this.#file))) return this.#file;
    await this.close();
    this.#file = await openToAppend(this.#path);
    return this.#file;
  }

  async #isOver(file: FileHandle): Promise<boolean> {
    const [own, there] = await Promise.all([file.stat(), statIfThere(this.#path)]);
    if (there === undefined || there.ino !== own.ino || there.dev !== own.dev) return true;
    const isFull = own.isFile() && own.size >= this.#options.fileBytesMax;
    if (!isFull || !this.#options.rotates) return false;
    await this.#moveAway();
    return true;
  }

  async #moveAway(): Promise<void> {
    for (let number = this.#options.oldFilesMax; number > 0; number--) {
      const from = number === 1 ? this.#path : `${this.#path}.${number - 1}`;
      await renameIfThere(from, `${this.#path}.${number}`);
    }
  }
}

/** Without waiting for a reader where the path is a pipe. Only the owner and the group may read who asked what. */
function openToAppend(path: string): Promise<FileHandle> {
  const { O_APPEND, O_CREAT, O_NONBLOCK, O_WRONLY } = constants;
  return open(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0o640);
}

async function statIfThere(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return undefined; // Moved away or removed.
  }
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    // There are not as many old files yet.
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
