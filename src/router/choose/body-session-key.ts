import { JsonSkipper } from "./json-skipper.ts";

export interface BodySessionKeyOptions {
  /** Payload bytes that are looked at; past them what was found by then holds. */
  readonly byteCountMax: number;
  /** Name of the header that a session id in the body stands for. */
  readonly sessionHeader: string;
}

/**
 * Reads the session key from a JSON body while it comes: the body's own `session_params.session_id`, else its `user`,
 * `session_id` or `user_id`, each a string of up to {@linkcode valueBytesMax} bytes or a whole number. What stands
 * in prompts and other nested values is never looked at.
 *
 * The key is the one that a reader of the whole body would find, who takes the last of fields with the same name: it is
 * known when the body's object ends, or at byteCountMax. It is the key that the value would make as a header, so
 * that one session may name itself both ways. It does not depend on how the body is cut into pieces.
 *
 * A body that is not an object, or whose members are not written as in JSON, has no key. Values that are passed
 * over are measured and not checked: ranks refuse a body that is wrong there, wherever it goes.
 */
export class BodySessionKey {
  /** No more bytes are needed. */
  isDecided = false;
  /** Undefined where there is none. Before the decision, without meaning. */
  key: string | undefined;
  readonly #sessionHeader: string;
  readonly #skipper = new JsonSkipper();
  #bytesLeft: number;
  #state = atStart;
  #isInParams = false;
  /** The key field whose value is next or is being read; {@linkcode none} for others. */
  #field = none;
  readonly #found: (string | undefined)[] = [undefined, undefined, undefined, undefined];
  /** A name or a value from here on is read, in this piece; -1 while none is. */
  #textStart = -1;
  /** What earlier pieces had of it. */
  #carried: Buffer | undefined;

  constructor({ byteCountMax, sessionHeader }: BodySessionKeyOptions) {
    this.#bytesLeft = byteCountMax;
    this.#sessionHeader = sessionHeader;
  }

  /** Takes the next payload bytes, which it does not keep. True when it is decided. */
  push(chunk: Buffer): boolean {
    if (this.isDecided) return true;
    const piece = chunk.length > this.#bytesLeft ? chunk.subarray(0, this.#bytesLeft) : chunk;
    this.#bytesLeft -= piece.length;
    this.#skipper.beginPiece();
    if (this.#textStart !== -1) this.#textStart = 0;
    let index = 0;
    while (index < piece.length) index = this.#step(piece, index);
    if (this.#bytesLeft === 0) this.#decide();
    if (this.#textStart !== -1) this.#carry(piece);
    return this.isDecided;
  }

  /** The body is over. One that ends before its object does has no key. */
  end(): void {
    if (!this.isDecided) this.#refuse();
  }

  /** Takes some bytes at `index` and gives the index behind them. */
  #step(piece: Buffer, index: number): number {
    switch (this.#state) {
      case inName:
        return this.#readName(piece, index);
      case inString:
        return this.#readString(piece, index);
      case inScalar:
        return this.#readScalar(piece, index);
      case inContainer: {
        const end = this.#skipper.endOfContainer(piece, index);
        if (end === -1) return piece.length;
        this.#state = afterValue;
        return end;
      }
      default: {
        const byte = piece[index]!;
        return isBlank(byte) ? index + 1 : this.#onToken(piece, index);
      }
    }
  }

  #onToken(piece: Buffer, index: number): number {
    const byte = piece[index]!;
    const state = this.#state;
    const mayEnd = state === afterValue || state === atFirstName;
    if (mayEnd && byte === braceClose) return this.#leaveObject(piece, index + 1);
    if (state === beforeValue) return this.#beginValue(byte, index);
    if (state === atStart && byte === braceOpen) this.#state = atFirstName;
    else if (state === afterName && byte === colon) this.#state = beforeValue;
    else if (state === afterValue && byte === comma) this.#state = atNextName;
    else if ((state === atFirstName || state === atNextName) && byte === quote) {
      this.#state = inName;
      this.#textStart = index + 1;
    } else return this.#refuse(piece);
    return index + 1;
  }

  #beginValue(byte: number, index: number): number {
    const field = this.#field;
    if (field >= 0) this.#found[field] = undefined;
    if (byte === quote) {
      this.#state = inString;
      if (field >= 0) this.#textStart = index + 1;
      return index + 1;
    }
    if (byte === braceOpen && field === params) {
      this.#isInParams = true;
      this.#state = atFirstName;
      return index + 1;
    }
    if (byte === braceOpen || byte === bracketOpen) {
      this.#skipper.enterContainer();
      this.#state = inContainer;
      return index + 1;
    }
    this.#state = inScalar;
    this.#textStart = index;
    return index + 1; // Whatever it is: it is judged with the rest.
  }

  #leaveObject(piece: Buffer, index: number): number {
    if (this.#isInParams) {
      this.#isInParams = false;
      this.#state = afterValue;
      return index;
    }
    this.#decide();
    return piece.length;
  }

  #readName(piece: Buffer, index: number): number {
    const end = this.#skipper.endOfString(piece, index);
    if (end === -1) return piece.length;
    const name = this.#takeText(piece, end);
    if (name === undefined) return this.#refuse(piece);
    this.#field = fieldOf(name, this.#isInParams);
    if (this.#field === params) this.#found[0] = undefined;
    this.#state = afterName;
    return end + 1;
  }

  #readString(piece: Buffer, index: number): number {
    const end = this.#skipper.endOfString(piece, index);
    if (end === -1) return piece.length;
    if (this.#field >= 0) {
      const value = this.#takeText(piece, end);
      if (value === undefined) return this.#refuse(piece);
      this.#found[this.#field] = value === "" ? undefined : value;
    }
    this.#state = afterValue;
    return end + 1;
  }

  #readScalar(piece: Buffer, start: number): number {
    let index = start;
    while (index < piece.length && isInScalar(piece[index]!)) index++;
    if (index === piece.length) return index;
    const text = this.#takeText(piece, index);
    if (text === undefined || !isScalar(text)) return this.#refuse(piece);
    if (this.#field >= 0 && integerPattern.test(text)) this.#found[this.#field] = text;
    this.#state = afterValue;
    return index;
  }

  /**
   * The text that was read up to `end`, as the Latin-1 view of its UTF-8 bytes, which is how headers are seen. "" where it is
   * too long to be of interest; undefined where it is not JSON.
   */
  #takeText(piece: Buffer, end: number): string | undefined {
    const start = this.#textStart;
    this.#textStart = -1;
    if (this.#carried === undefined && isPlain(piece, start, end))
      return piece.toString("latin1", start, end);
    const raw = joined(this.#carried, piece.subarray(start, end));
    this.#carried = undefined;
    return raw.length > rawBytesMax ? "" : unescaped(raw);
  }

  /** Keeps what this piece has of the text that is read: a byte more than is of interest, so that the excess shows. */
  #carry(piece: Buffer): void {
    const part = piece.subarray(this.#textStart, this.#textStart + rawBytesMax + 1);
    const whole = joined(this.#carried, part);
    this.#carried = whole === part ? Buffer.from(part) : whole.subarray(0, rawBytesMax + 1);
  }

  #decide(): void {
    this.isDecided = true;
    this.#textStart = -1;
    const field = this.#found.findIndex((value) => value !== undefined);
    if (field === -1) return;
    const header = field % 2 === 0 ? this.#sessionHeader : userHeader;
    this.key = `${header}:${this.#found[field]!}`;
  }

  /** These bytes are no object as JSON writes it. */
  #refuse(piece?: Buffer): number {
    this.#found.fill(undefined);
    this.#decide();
    return piece?.length ?? 0;
  }
}

/** A longer value is no name of a session. */
export const valueBytesMax = 256;
/** Six times that with escapes. */
const rawBytesMax = 6 * valueBytesMax;

/** What `user` and `user_id` stand for. */
const userHeader = "x-user-id";

/** Values of #state. */
const atStart = 0;
const atFirstName = 1;
const atNextName = 2;
const inName = 3;
const afterName = 4;
const beforeValue = 5;
const inString = 6;
const inContainer = 7;
const inScalar = 8;
const afterValue = 9;

/** Values of #field besides the places of {@linkcode fields}. */
const none = -1;
const params = -2;

/** Best first. The even ones name a session, the odd ones a user. */
const fields: readonly string[] = ["session_params.session_id", "user", "session_id", "user_id"];

function fieldOf(name: string, isInParams: boolean): number {
  if (isInParams) return name === "session_id" ? 0 : none;
  return name === "session_params" ? params : fields.indexOf(name);
}

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const bracketOpen = 0x5b;
const backslash = 0x5c;
const braceOpen = 0x7b;
const braceClose = 0x7d;

/** Whether it is a number or a word of JSON, or was too long to be kept. */
function isScalar(text: string): boolean {
  return text === "" || scalarPattern.test(text);
}

const scalarPattern = /^(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)$/;
const integerPattern = /^-?\d+$/;

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function isInScalar(byte: number): boolean {
  return byte > 0x20 && byte !== comma && byte !== braceClose;
}

function joined(before: Buffer | undefined, part: Buffer): Buffer {
  return before === undefined ? part : Buffer.concat([before, part]);
}

/** Whether it is short and stands for itself. */
function isPlain(piece: Buffer, start: number, end: number): boolean {
  if (end - start > valueBytesMax) return false;
  for (let index = start; index < end; index++) {
    const byte = piece[index]!;
    if (byte < 0x20 || byte === backslash) return false;
  }
  return true;
}

/** The content of a JSON string without its quotes; "" where it is too long, undefined where it is wrong. */
function unescaped(raw: Buffer): string | undefined {
  for (const byte of raw) if (byte < 0x20) return undefined;
  if (!raw.includes(backslash)) return raw.length > valueBytesMax ? "" : raw.toString("latin1");
  try {
    const text = JSON.parse(`"${raw.toString("utf8")}"`) as string;
    const bytes = Buffer.from(text, "utf8");
    return bytes.length > valueBytesMax ? "" : bytes.toString("latin1");
  } catch {
    return undefined; // No such escape: the bytes are wrong, which is all that is asked.
  }
}
