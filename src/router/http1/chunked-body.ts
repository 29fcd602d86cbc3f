import type { BodyCursor, BodyCursorOptions, PayloadReader } from "./body-cursor.ts";
import { Refusal } from "./refusal.ts";

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** 8 hexadecimal digits: a single chunk of up to 4 GiB. */
const sizeDigitsMax = 8;
const trailerBytesMax = 8_192;

const sizeStart = 0;
const size = 1;
const sizeLineFeed = 2;
const data = 3;
const dataReturn = 4;
const dataLineFeed = 5;
const trailerStart = 6;
const trailerName = 7;
const trailerValue = 8;
const trailerLineFeed = 9;
const lastLineFeed = 10;
const ended = 11;

/**
 * Follows a chunked body (RFC 9112 section 7.1) through bytes that arrive in pieces of any size:
 *
 *     size CRLF  data CRLF  ...  0 CRLF  [trailer CRLF]...  CRLF
 *
 * The bytes are relayed as they are but for trailers; this only finds the end and refuses what readers could differ
 * in. Chunk extensions are among that: nobody sends them, and servers have been smuggled past by how each skips them.
 */
export class ChunkedBody implements BodyCursor {
  payloadByteCount = 0;
  trailersStart = 0;
  trailersEnd = 0;
  readonly #options: BodyCursorOptions;
  #state = sizeStart;
  #remaining = 0;
  /** Digits of the size in hand, or bytes of all trailers. */
  #lineByteCount = 0;

  constructor(options: BodyCursorOptions) {
    this.#options = options;
  }

  get isDone(): boolean {
    return this.#state === ended;
  }

  /** Whether a new chunk may begin here. */
  get isBetweenChunks(): boolean {
    return this.#state === sizeStart;
  }

  advance(chunk: Buffer, start: number, onPayload?: PayloadReader): number {
    let index = start;
    this.trailersStart = 0;
    this.trailersEnd = 0;
    while (index < chunk.length && this.#state !== ended) {
      if (this.#state >= trailerStart) return this.#advanceTrailers(chunk, index);
      if (this.#state !== data) {
        this.#step(chunk[index++]!);
        continue;
      }
      const from = index;
      index = Math.min(chunk.length, index + this.#remaining);
      this.#remaining -= index - from;
      if (this.#remaining === 0) this.#state = dataReturn;
      onPayload?.(from, index);
    }
    return index;
  }

  #step(byte: number): void {
    if (this.#state <= sizeLineFeed) this.#stepSizeLine(byte);
    else this.#stepDataEnd(byte);
  }

  #advanceTrailers(chunk: Buffer, start: number): number {
    let index = start;
    this.trailersStart = start;
    while (index < chunk.length && this.#state < lastLineFeed) this.#stepTrailer(chunk[index++]!);
    // The empty line behind them is no trailer.
    this.trailersEnd = this.#state < lastLineFeed ? index : Math.max(start, index - 1);
    while (index < chunk.length && this.#state !== ended) this.#stepTrailer(chunk[index++]!);
    return index;
  }

  #stepSizeLine(byte: number): void {
    const digit = hexadecimalDigit(byte);
    if (this.#state <= size && digit !== -1) {
      if (++this.#lineByteCount > sizeDigitsMax) throw malformed("a chunk size is too long");
      this.#remaining = this.#remaining * 16 + digit;
      this.#state = size;
    } else if (this.#state === size && byte === carriageReturn) {
      this.#state = sizeLineFeed;
    } else if (this.#state === sizeLineFeed && byte === lineFeed) {
      this.#beginChunk();
    } else {
      throw malformed("a chunk size line holds a byte that does not belong there");
    }
  }

  #beginChunk(): void {
    this.#lineByteCount = 0;
    this.payloadByteCount += this.#remaining;
    if (this.payloadByteCount > this.#options.payloadBytesMax) {
      const { payloadBytesMax } = this.#options;
      throw new Refusal(413, `Cannot take the body: it is longer than ${payloadBytesMax} bytes`);
    }
    this.#state = this.#remaining === 0 ? trailerStart : data;
  }

  #stepDataEnd(byte: number): void {
    if (byte !== (this.#state === dataReturn ? carriageReturn : lineFeed)) {
      throw malformed("a chunk is longer than its size");
    }
    this.#state = this.#state === dataReturn ? dataLineFeed : sizeStart;
  }

  #stepTrailer(byte: number): void {
    if (++this.#lineByteCount > trailerBytesMax) throw malformed("its trailers are too long");
    if (this.#state === trailerStart && byte === carriageReturn) this.#state = lastLineFeed;
    else if (this.#state === lastLineFeed && byte === lineFeed) this.#state = ended;
    else if (!this.#options.allowsTrailers) throw malformed("it has trailers, which are not taken");
    else if (this.#state === trailerStart && isNameByte(byte)) this.#state = trailerName;
    else if (this.#state === trailerName && byte === colon) this.#state = trailerValue;
    else if (this.#state === trailerName && isNameByte(byte)) return;
    else if (this.#state === trailerValue && byte === carriageReturn) this.#state = trailerLineFeed;
    else if (this.#state === trailerValue && isFieldByte(byte)) return;
    else if (this.#state === trailerLineFeed && byte === lineFeed) this.#state = trailerStart;
    else throw malformed("a trailer holds a byte that does not belong there");
  }
}

const colon = 0x3a;

function hexadecimalDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : -1;
}

function isFieldByte(byte: number): boolean {
  return (byte >= 0x20 && byte !== 0x7f) || byte === 0x09;
}

/** RFC 9110 section 5.6.2. */
const nameBytes: ReadonlySet<number> = new Set(
  Buffer.from("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
);

function isNameByte(byte: number): boolean {
  return nameBytes.has(byte);
}

function malformed(what: string): Refusal {
  return new Refusal(400, `Cannot read the chunked body: ${what}`);
}
