import type { FileHandle } from "node:fs/promises";
import { open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";

/** A file that grows at its end, and is replaced as a whole by a new one behind the same name. */
export class SavedFile {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #byteCountMax: number;
  byteCount = 0;

  private constructor(path: string, file: FileHandle, byteCountMax: number) {
    this.#path = path;
    this.#file = file;
    this.#byteCountMax = byteCountMax;
  }

  /** An empty file beside `path`, which takes that name with {@linkcode SavedFile.publish}. */
  static async create(path: string, byteCountMax: number): Promise<SavedFile> {
    return new SavedFile(path, await open(`${path}.new`, "w", 0o600), byteCountMax);
  }

  /**
   * Appends all of the bytes. After an error the file ends somewhere in them.
   * @throws a system error; EFBIG where the file would be longer than it may be
   */
  async append(bytes: Buffer): Promise<void> {
    if (this.byteCount + bytes.length > this.#byteCountMax) {
      throw Object.assign(new Error("The file would be too long"), { code: "EFBIG" });
    }
    let done = 0;
    while (done < bytes.length) {
      const left = bytes.length - done;
      const { bytesWritten } = await this.#file.write(bytes, done, left, this.byteCount);
      done += bytesWritten;
      this.byteCount += bytesWritten;
    }
  }

  /** All that was appended is on the disk when it returns. */
  async sync(): Promise<void> {
    await this.#file.sync();
  }

  /** Replaces the file with that name; a crash leaves either of them whole. */
  async publish(): Promise<void> {
    await rename(`${this.#path}.new`, this.#path);
    await using directory = await open(dirname(this.#path), "r");
    await directory.sync();
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  /** Closes and removes a file that was not published. */
  async abandon(): Promise<void> {
    await this.#file.close().catch(ignore);
    await rm(`${this.#path}.new`, { force: true }).catch(ignore);
  }
}

/** The file's bytes; empty when there is none, undefined when it is longer than the limit. */
export async function readSaved(path: string, byteCountMax: number): Promise<Buffer | undefined> {
  try {
    const { size } = await stat(path);
    return size > byteCountMax ? undefined : await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return Buffer.alloc(0);
    throw error;
  }
}

/** What cannot be cleared away now is overwritten by the next file. */
function ignore(): void {}
