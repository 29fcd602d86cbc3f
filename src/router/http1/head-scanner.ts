import { Refusal } from "./refusal.ts";

const tab = 0x09;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const deleteByte = 0x7f;

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
  #lineByteCount = 0;
  #previous = 0;

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
    for (let index = start; index < end; index++) {
      if (this.#endsAt(chunk[index]!)) return this.#finish(chunk, start, index + 1);
    }
    if (end < chunk.length) {
      throw new Refusal(431, `Cannot read the head: it is longer than ${this.#bytesMax} bytes`);
    }
    this.#held += chunk.toString("latin1", start, end);
    this.#byteCount += end - start;
    return -1;
  }

  #endsAt(byte: number): boolean {
    const previous = this.#previous;
    this.#previous = byte;
    if (byte === lineFeed) {
      if (previous !== carriageReturn) throw badByte("a line feed without a carriage return");
      if (this.#lineByteCount === 0) return true;
      this.#lineByteCount = 0;
      return false;
    }
    if (previous === carriageReturn) throw badByte("a carriage return without a line feed");
    if (byte === carriageReturn) return false;
    if ((byte < space && byte !== tab) || byte === deleteByte) throw badByte("a control byte");
    this.#lineByteCount++;
    return false;
  }

  #finish(chunk: Buffer, start: number, end: number): number {
    const whole = this.#held + chunk.toString("latin1", start, end);
    this.text = whole.slice(0, Math.max(0, whole.length - "\r\n\r\n".length));
    this.#held = "";
    this.#byteCount = 0;
    this.#previous = 0;
    return end;
  }
}

function badByte(what: string): Refusal {
  return new Refusal(400, `Cannot read the head: it holds ${what}`);
}
