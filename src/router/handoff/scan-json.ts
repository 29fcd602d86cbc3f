/**
 * Finds the members of a JSON object in its bytes, without building values: what is not looked for is never decoded
 * and can be sent on as it came. Strict (RFC 8259), because a reader that is more lenient than this one would see
 * fields that were not found here.
 */

/** What nests deeper is refused, as Python's reader does at about four times this depth. */
export const jsonDepthMax = 256;
/** Members of one object that is looked into; vLLM's largest request has about 60. */
export const jsonMembersMax = 1_024;

/** The bytes are no JSON, or none that is taken. */
export class JsonFault extends Error {
  override readonly name = "JsonFault";

  constructor(what: string, offset: number) {
    super(`${what} at byte ${offset}`);
  }
}

/** One member by the offsets of its bytes; ends are exclusive. */
export interface JsonMember {
  readonly key: string;
  readonly keyStart: number;
  readonly valueStart: number;
  readonly valueEnd: number;
}

export interface JsonObject {
  /** In their order; a key may come more than once, and then readers take the last one. */
  readonly members: readonly JsonMember[];
  readonly end: number;
}

/**
 * The members of the object that these bytes are, blanks around it aside.
 * @throws JsonFault
 */
export function scanDocument(bytes: Uint8Array): JsonObject {
  const object = scanObject(bytes, skipBlanks(bytes, 0));
  const end = skipBlanks(bytes, object.end);
  if (end < bytes.length) throw new JsonFault("More follows the value", end);
  return object;
}

/**
 * The members of the object at `start`.
 * @throws JsonFault
 */
export function scanObject(bytes: Uint8Array, start: number): JsonObject {
  if (bytes[start] !== braceOpen) throw new JsonFault("There is no object", start);
  const members: JsonMember[] = [];
  let index = skipBlanks(bytes, start + 1);
  if (bytes[index] === braceClose) return { members, end: index + 1 };
  for (;;) {
    if (members.length === jsonMembersMax) {
      throw new JsonFault(`The object has more than ${jsonMembersMax} fields`, index);
    }
    const keyStart = index;
    const keyEnd = skipString(bytes, keyStart);
    const valueStart = skipColon(bytes, keyEnd);
    const valueEnd = skipValue(bytes, valueStart);
    members.push({ key: textOf(bytes, keyStart, keyEnd), keyStart, valueStart, valueEnd });
    index = skipBlanks(bytes, valueEnd);
    if (bytes[index] === braceClose) return { members, end: index + 1 };
    index = skipBlanks(bytes, skipByte(bytes, index, comma));
  }
}

/** Elements of the array at `start`, counted up to `countMax`. */
export function countElements(bytes: Uint8Array, start: number, countMax: number): number {
  let index = skipBlanks(bytes, start + 1);
  if (bytes[index] === bracketClose) return 0;
  for (let count = 1; ; count++) {
    index = skipBlanks(bytes, skipValue(bytes, index));
    if (count === countMax || bytes[index] === bracketClose) return count;
    index = skipBlanks(bytes, skipByte(bytes, index, comma));
  }
}

/** Index of the next byte that is not white space. */
export function skipBlanks(bytes: Uint8Array, start: number): number {
  let index = start;
  while (isBlank(bytes[index])) index++;
  return index;
}

const quote = 0x22;
const comma = 0x2c;
const minus = 0x2d;
const dot = 0x2e;
const colon = 0x3a;
const bracketOpen = 0x5b;
const backslash = 0x5c;
const bracketClose = 0x5d;
const braceOpen = 0x7b;
const braceClose = 0x7d;
const lowerU = 0x75;
const upperE = 0x45;
const lowerE = 0x65;

/** Index behind the value at `start`. Keeps its own stack: a deep value must not exhaust the engine's. */
function skipValue(bytes: Uint8Array, start: number): number {
  const closers: number[] = [];
  let index = start;
  for (;;) {
    const byte = bytes[index];
    if (byte === braceOpen || byte === bracketOpen) {
      const closer = byte === braceOpen ? braceClose : bracketClose;
      index = skipBlanks(bytes, index + 1);
      if (bytes[index] !== closer) {
        if (closers.length === jsonDepthMax) {
          throw new JsonFault(`The value nests deeper than ${jsonDepthMax} levels`, index);
        }
        closers.push(closer);
        if (closer === braceClose) index = skipKey(bytes, index);
        continue;
      }
      index++;
    } else index = skipScalar(bytes, index);
    index = skipClosers(bytes, index, closers);
    if (closers.length === 0) return index;
    index = skipBlanks(bytes, skipByte(bytes, index, comma));
    if (closers.at(-1) === braceClose) index = skipKey(bytes, index);
  }
}

/** Takes the ends of all containers that end behind a value. */
function skipClosers(bytes: Uint8Array, start: number, closers: number[]): number {
  let end = start;
  while (closers.length > 0) {
    const index = skipBlanks(bytes, end);
    if (bytes[index] !== closers.at(-1)) return index;
    closers.pop();
    end = index + 1;
  }
  return end;
}

function skipKey(bytes: Uint8Array, start: number): number {
  return skipColon(bytes, skipString(bytes, start));
}

function skipColon(bytes: Uint8Array, start: number): number {
  return skipBlanks(bytes, skipByte(bytes, skipBlanks(bytes, start), colon));
}

function skipByte(bytes: Uint8Array, index: number, wanted: number): number {
  if (bytes[index] === wanted) return index + 1;
  throw new JsonFault(`There is no "${String.fromCharCode(wanted)}"`, index);
}

function skipScalar(bytes: Uint8Array, start: number): number {
  const byte = bytes[start];
  if (byte === quote) return skipString(bytes, start);
  if (byte === minus || isDigit(byte)) return skipNumber(bytes, start);
  for (const word of words)
    if (word.every((one, at) => bytes[start + at] === one)) return start + word.length;
  throw new JsonFault("There is no value", start);
}

const words = ["true", "false", "null"].map((word) => [...Buffer.from(word)]);

function skipString(bytes: Uint8Array, start: number): number {
  if (bytes[start] !== quote) throw new JsonFault("There is no text in quotes", start);
  let index = start + 1;
  for (;;) {
    const byte = bytes[index];
    if (byte === undefined || byte < 0x20) throw new JsonFault("The text does not end", index);
    if (byte === quote) return index + 1;
    index = byte === backslash ? skipEscape(bytes, index) : index + 1;
  }
}

function skipEscape(bytes: Uint8Array, start: number): number {
  const byte = bytes[start + 1];
  if (byte === lowerU) {
    const end = start + 6;
    for (let index = start + 2; index < end; index++) {
      if (!isHexadecimal(bytes[index])) throw new JsonFault("The escape is unknown", start);
    }
    return end;
  }
  if (byte !== undefined && simpleEscapes.has(byte)) return start + 2;
  throw new JsonFault("The escape is unknown", start);
}

const simpleEscapes: ReadonlySet<number> = new Set(Buffer.from('"\\/bfnrt'));

function skipNumber(bytes: Uint8Array, start: number): number {
  let index = bytes[start] === minus ? start + 1 : start;
  index = bytes[index] === 0x30 ? index + 1 : skipDigits(bytes, index);
  if (bytes[index] === dot) index = skipDigits(bytes, index + 1);
  if (bytes[index] !== upperE && bytes[index] !== lowerE) return index;
  const hasSign = bytes[index + 1] === minus || bytes[index + 1] === 0x2b;
  return skipDigits(bytes, index + (hasSign ? 2 : 1));
}

/** At least one. */
function skipDigits(bytes: Uint8Array, start: number): number {
  let index = start;
  while (isDigit(bytes[index])) index++;
  if (index === start) throw new JsonFault("There is no digit", index);
  return index;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

function isHexadecimal(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  const lower = byte | 0x20;
  return isDigit(byte) || (lower >= 0x61 && lower <= 0x66);
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** The text between the quotes. A key may be written with escapes: it is the same key. */
function textOf(bytes: Uint8Array, start: number, end: number): string {
  const raw = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
  return JSON.parse(raw.toString("utf8")) as string;
}
