/** `"kv_transfer_params"` and `"ec_transfer_params"` from their third letter on. */
const nameEnd = Buffer.from('_transfer_params"');
const nameStarts: ReadonlySet<string> = new Set(['"kv', '"ec']);
const nameStartLength = 3;

const backslash = 0x5c;
const escapeLength = 6;
/**
 * An escape of a letter of the names, "kvec_transfer_params". Behind another backslash it would be the text of an
 * escape, or stand in a key with a backslash, which no name has; and no JSON text begins with one.
 */
const letterEscape = /[^\\]\\u00(?:5[Ff]|6[1356BbDdEe]|7[02346])/;

/** More than the longest of what is looked for. */
const overlapLength = 32;

/**
 * Looks through a JSON text, as it comes in pieces of any size, for internal fields: for a string that is the name of
 * one, or an escape without which none can be written otherwise. Text that mentions a name, as source code in a
 * prompt does, is not suspected: its quotes are escaped. The search is native, and nothing is kept but the last bytes.
 *
 * Python's reader also takes UTF-16 and UTF-32, in which a name looks different: both show in the first two bytes, and
 * are suspicious in what says that it is JSON. Other bodies may begin with any bytes.
 */
export class FieldGuard {
  readonly #isJson: boolean;
  #seenCount = 0;
  #tail: Buffer = Buffer.alloc(0);

  constructor({ isJson }: { readonly isJson: boolean }) {
    this.#isJson = isJson;
  }

  /** Whether an internal field may be in this piece or begin in those before. Ask no more after "suspicious". */
  push(piece: Buffer): "clean" | "suspicious" {
    const isSuspect =
      (this.#isJson && this.#beginsOddly(piece)) ||
      this.#isSuspectAtSeam(piece) ||
      this.#isSuspect(piece);
    if (isSuspect) return "suspicious";
    this.#seenCount += piece.length;
    this.#keepTail(piece);
    return "clean";
  }

  #beginsOddly(piece: Buffer): boolean {
    const end = Math.min(piece.length, 2 - this.#seenCount);
    for (let index = 0; index < end; index++) {
      const byte = piece[index]!;
      if (byte === 0 || byte >= 0xfe) return true;
    }
    return false;
  }

  /** What ends in the first bytes of a piece behind another one. */
  #isSuspectAtSeam(piece: Buffer): boolean {
    const tail = this.#tail;
    if (tail.length === 0) return false;
    const seam = Buffer.concat([tail, piece.subarray(0, overlapLength)]);
    return holdsName(seam, tail.length) || holdsEscape(seam, tail.length);
  }

  #isSuspect(piece: Buffer): boolean {
    const seenLength = this.#tail.length === 0 ? 0 : overlapLength;
    if (piece.length <= seenLength) return false;
    return holdsName(piece, seenLength) || holdsEscape(piece, seenLength);
  }

  #keepTail(piece: Buffer): void {
    if (piece.length >= overlapLength) this.#tail = Buffer.from(piece.subarray(-overlapLength));
    else this.#tail = Buffer.concat([this.#tail, piece]).subarray(-overlapLength);
  }
}

/** Whether one of the names ends in these bytes behind `from`. */
function holdsName(bytes: Buffer, from: number): boolean {
  let index = bytes.indexOf(nameEnd, Math.max(0, from - nameEnd.length + 1));
  while (index !== -1) {
    const start = Math.max(0, index - nameStartLength);
    if (nameStarts.has(bytes.toString("latin1", start, index))) return true;
    index = bytes.indexOf(nameEnd, index + 1);
  }
  return false;
}

/**
 * Whether an escape of a letter of the names ends in these bytes behind `from`. Where there are backslashes at all they
 * are many, and then a regular expression, which looks at every fifth byte, is faster than indexOf() for so short a text.
 */
function holdsEscape(bytes: Buffer, from: number): boolean {
  const start = bytes.indexOf(backslash, Math.max(0, from - escapeLength + 1));
  return start !== -1 && letterEscape.test(bytes.toString("latin1", Math.max(0, start - 1)));
}
