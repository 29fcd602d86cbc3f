import { Refusal } from "./refusal.ts";

const tab = 0x09;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const deleteByte = 0x7f;

/** What stands between a head and its body. */
const emptyLine = "\r\n\r\n";

/**
 * Finds the end of a head in bytes that arrive in pieces of any size, and refuses control bytes, bare CR and bare
 * LF as soon as they come. A head that lies in one piece, the usual case, is decoded without a copy.
 */
export class HeadScanner {
  /** The complete head without the empty line that ends it; bytes as Latin-1. Valid after scan() found the end. */
  text = "";
  readonly #bytesMax: number;
  #held = "";
  #byteCount = 0;
  #isLineEmpty = true;
  #endsWithReturn = false;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Whether a head has begun and not ended. */
  get isInside(): boolean {
    return this.#byteCount > 0;
  }

  /**
   * Reads on at `start`. Gives the index behind the head, or -1 when the chunk ended before it.
   * @throws Refusal 400 for bytes that do not belong in a head, 431 for a head past its limit.
   */
  scan(chunk: Buffer, start: number): number {
    const end = Math.min(chunk.length, start + this.#bytesMax - this.#byteCount);
    let index = start;
    while (index < end) {
      if (this.#endsWithReturn) {
        if (chunk[index] !== lineFeed) throw bareReturn();
        index++;
        if (this.#isLineEmpty) return this.#finish(chunk, start, index);
        this.#endsWithReturn = false;
        this.#isLineEmpty = true;
        continue;
      }
      const lineEnd = endOfFieldBytes(chunk, index, end);
      if (lineEnd > index) this.#isLineEmpty = false;
      if (lineEnd < end) {
        if (chunk[lineEnd] !== carriageReturn) throw badByte(chunk[lineEnd]!);
        this.#endsWithReturn = true;
      }
      index = lineEnd + 1;
    }
    if (end < chunk.length) {
      throw new Refusal(431, `Cannot read the head: it is longer than ${this.#bytesMax} bytes`);
    }
    this.#held += chunk.toString("latin1", start, end);
    this.#byteCount += end - start;
    return -1;
  }

  #finish(chunk: Buffer, start: number, end: number): number {
    if (this.#byteCount === 0) {
      this.text = chunk.toString("latin1", start, Math.max(start, end - emptyLine.length));
    } else {
      this.text = (this.#held + chunk.toString("latin1", start, end)).slice(0, -emptyLine.length);
      this.#held = "";
      this.#byteCount = 0;
    }
    this.#isLineEmpty = true;
    this.#endsWithReturn = false;
    return end;
  }
}

/** For each byte 0 where it may stand in a line, otherwise 1. */
const oddBytes = Uint8Array.from({ length: 256 }, (_, byte) => (isFieldByte(byte) ? 0 : 1));

/**
 * Index of the first byte in [from, to) that cannot stand in a line, or `to`. Every byte of a head passes here: four
 * at a time take two thirds of the time.
 */
function endOfFieldBytes(chunk: Buffer, from: number, to: number): number {
  let index = from;
  while (index + 4 <= to && !hasOddByte(chunk, index)) index += 4;
  while (index < to && oddBytes[chunk[index]!] === 0) index++;
  return index;
}

/** Whether one of the four bytes at `index` cannot stand in a line. */
function hasOddByte(chunk: Buffer, index: number): boolean {
  const first = oddBytes[chunk[index]!]! | oddBytes[chunk[index + 1]!]!;
  return (first | oddBytes[chunk[index + 2]!]! | oddBytes[chunk[index + 3]!]!) !== 0;
}

function isFieldByte(byte: number): boolean {
  return byte >= space ? byte !== deleteByte : byte === tab;
}

function bareReturn(): Refusal {
  return new Refusal(400, "Cannot read the head: it holds a carriage return without a line feed");
}

function badByte(byte: number): Refusal {
  const what = byte === lineFeed ? "a line feed without a carriage return" : "a control byte";
  return new Refusal(400, `Cannot read the head: it holds ${what}`);
}
