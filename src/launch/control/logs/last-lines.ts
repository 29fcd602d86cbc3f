import type { FileHandle } from "node:fs/promises";

export interface LastLines {
  /** The last lines, and behind them what has no line end yet. */
  readonly bytes: Buffer;
  /** Line ends in the bytes. */
  readonly lineCount: number;
  /** Where in the file the bytes end. */
  readonly end: number;
  /** Whether they are all of the file. */
  readonly isWhole: boolean;
}

export interface LastLinesWish {
  readonly lineCount: number;
  /** Where so many bytes hold fewer lines, there are fewer. */
  readonly bytesMax: number;
}

const windowBytesMin = 65_536;
const lineEnd = 10;

/** Reads the last lines of a file: from its end backwards, twice as far each time until there are enough. */
export async function lastLines(
  file: FileHandle,
  { lineCount, bytesMax }: LastLinesWish,
): Promise<LastLines> {
  const { size: end } = await file.stat();
  const bytesThere = Math.min(end, Math.max(0, bytesMax));
  for (let window = windowBytesMin; ; window *= 2) {
    const length = Math.min(window, bytesThere);
    const bytes = await readAt(file, end - length, length);
    const from = startOfLast(bytes, lineCount);
    if (from !== undefined) return cut(bytes, from, { end, isWhole: false });
    if (length < bytesThere) continue;
    // The first line of a part of a file has no beginning.
    const isWhole = length === end;
    return cut(bytes, isWhole ? 0 : bytes.indexOf(lineEnd) + 1, { end, isWhole });
  }
}

/** Where the last so many whole lines begin; undefined where there are fewer, or the first one may be cut. */
function startOfLast(bytes: Buffer, lineCount: number): number | undefined {
  let at = bytes.lastIndexOf(lineEnd);
  for (let lines = 0; at !== -1; lines++) {
    if (lines === lineCount) return at + 1;
    at = at === 0 ? -1 : bytes.lastIndexOf(lineEnd, at - 1);
  }
  return undefined;
}

function cut(bytes: Buffer, from: number, about: Pick<LastLines, "end" | "isWhole">): LastLines {
  const kept = bytes.subarray(from);
  let lineCount = 0;
  for (let at = kept.indexOf(lineEnd); at !== -1; at = kept.indexOf(lineEnd, at + 1)) lineCount++;
  return { bytes: kept, lineCount, ...about };
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let bytes = 0;
  while (bytes < length) {
    const { bytesRead } = await file.read(buffer, bytes, length - bytes, position + bytes);
    if (bytesRead === 0) break; // It was emptied meanwhile.
    bytes += bytesRead;
  }
  return buffer.subarray(0, bytes);
}
