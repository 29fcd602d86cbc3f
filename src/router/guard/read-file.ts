import { constants, type Stats } from "node:fs";
import { open } from "node:fs/promises";

/** Why a file cannot be used, in words that follow its name. */
export class FileFault extends Error {}

export interface FileContent {
  readonly bytes: Buffer;
  readonly status: Stats;
}

/**
 * Reads a file that a person wrote: a regular one of at most this length. Never waits for the writer of a pipe.
 * @throws FileFault
 */
export async function readFile(path: string, byteCountMax: number): Promise<FileContent> {
  await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(
    (cause: NodeJS.ErrnoException) => {
      throw new FileFault(`opening it failed with ${cause.code ?? cause.message}`, { cause });
    },
  );
  const status = await file.stat();
  if (!status.isFile()) throw new FileFault("it is no regular file");
  const buffer = Buffer.alloc(byteCountMax + 1);
  let byteCount = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, byteCount, buffer.length - byteCount);
    byteCount += bytesRead;
    if (byteCount > byteCountMax) {
      throw new FileFault(`it is longer than ${byteCountMax} bytes`);
    }
    if (bytesRead === 0) return { bytes: buffer.subarray(0, byteCount), status };
  }
}
