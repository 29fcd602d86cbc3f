/**
 * Finds where JSON strings, arrays and objects end, in bytes that come in any pieces and in memory that does not grow
 * with them. It measures and does not check: brackets only have to be as many, whatever their shape. Long stretches without
 * structure (texts, arrays of token ids) are passed at the speed of memchr(3).
 */
export class JsonSkipper {
  #depth = 0;
  #isInString = false;
  /** Whether the next byte stands behind a backslash. */
  #isEscaped = false;
  /** Where the next of these bytes is in the current piece; stale where it lies behind. */
  #quoteAt = -1;
  #bracketAt = -1;
  #bracketCloseAt = -1;
  #braceAt = -1;
  #braceCloseAt = -1;

  /** Call it before the first use with another piece. */
  beginPiece(): void {
    this.#quoteAt = -1;
    this.#bracketAt = -1;
    this.#bracketCloseAt = -1;
    this.#braceAt = -1;
    this.#braceCloseAt = -1;
  }

  /** Index of the quote that ends the string which goes on at `start`, or -1 when it is not in this piece. */
  endOfString(piece: Buffer, start: number): number {
    const { length } = piece;
    let index = this.#isEscaped ? start + 1 : start;
    this.#isEscaped = false;
    for (;;) {
      const near = Math.min(length, index + nearBytes);
      while (index < near) {
        const byte = piece[index]!;
        if (byte === quote) return index;
        index += byte === backslash ? 2 : 1;
      }
      if (index >= length) {
        this.#isEscaped = index > length;
        return -1;
      }
      const found = piece.indexOf(quote, index);
      const isEscaped = isOdd(countBackslashes(piece, index, found === -1 ? length : found));
      if (found === -1) {
        this.#isEscaped = isEscaped;
        return -1;
      }
      if (!isEscaped) return found;
      index = found + 1;
    }
  }

  /** The array or object whose first byte was just passed is the one to look for the end of. */
  enterContainer(): void {
    this.#depth = 1;
  }

  /** Index behind the end of the container which goes on at `start`, or -1 when it is not in this piece. */
  endOfContainer(piece: Buffer, start: number): number {
    let index = start;
    for (;;) {
      if (this.#isInString) {
        const end = this.endOfString(piece, index);
        if (end === -1) return -1;
        this.#isInString = false;
        index = end + 1;
      }
      index = this.#nextStructure(piece, index);
      if (index === piece.length) return -1;
      const kind = kinds[piece[index]!]!;
      index++;
      if (kind === kindQuote) this.#isInString = true;
      else if (kind === kindOpen) this.#depth++;
      else if (--this.#depth === 0) return index;
    }
  }

  /** Index of the next quote or bracket, or the piece's length. */
  #nextStructure(piece: Buffer, start: number): number {
    const near = Math.min(piece.length, start + nearBytes);
    for (let index = start; index < near; index++) if (kinds[piece[index]!] !== 0) return index;
    return near === piece.length ? near : this.#jump(piece, near);
  }

  /** The same for a start that nothing is near to. Each byte of the piece is looked for once in all of these calls. */
  #jump(piece: Buffer, start: number): number {
    if (this.#quoteAt < start) this.#quoteAt = find(piece, quote, start);
    if (this.#bracketAt < start) this.#bracketAt = find(piece, bracketOpen, start);
    if (this.#bracketCloseAt < start) this.#bracketCloseAt = find(piece, bracketClose, start);
    if (this.#braceAt < start) this.#braceAt = find(piece, braceOpen, start);
    if (this.#braceCloseAt < start) this.#braceCloseAt = find(piece, braceClose, start);
    const opens = Math.min(this.#bracketAt, this.#braceAt);
    const closes = Math.min(this.#bracketCloseAt, this.#braceCloseAt);
    return Math.min(this.#quoteAt, opens, closes);
  }
}

/** As far as it is quicker to look at each byte than to call into native code. */
const nearBytes = 24;

const quote = 0x22;
const bracketOpen = 0x5b;
const backslash = 0x5c;
const bracketClose = 0x5d;
const braceOpen = 0x7b;
const braceClose = 0x7d;

const kindQuote = 1;
const kindOpen = 2;
const kindClose = 3;
const kinds = new Uint8Array(256);
kinds[quote] = kindQuote;
kinds[bracketOpen] = kindOpen;
kinds[braceOpen] = kindOpen;
kinds[bracketClose] = kindClose;
kinds[braceClose] = kindClose;

function find(piece: Buffer, byte: number, start: number): number {
  const index = piece.indexOf(byte, start);
  return index === -1 ? piece.length : index;
}

/** Those right before `end`, back to `start`. */
function countBackslashes(piece: Buffer, start: number, end: number): number {
  let index = end;
  while (index > start && piece[index - 1] === backslash) index--;
  return end - index;
}

function isOdd(count: number): boolean {
  return count % 2 === 1;
}
