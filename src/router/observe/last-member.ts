const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/**
 * The text of the last member of this name in the JSON object that `bytes` end with, found from its end, so that the
 * object's beginning need not be there. Undefined where there is none, or none that can be told for sure: JSON reads the
 * same backwards, because outside of strings every quote is a string's end, and inside one a quote is its beginning
 * unless it is escaped. Text in strings and members of inner objects are therefore never taken for it.
 */
export function lastMember(bytes: Buffer, name: string): string | undefined {
  let index = skipSpaceBack(bytes, bytes.length - 1);
  if (bytes[index] !== closeBrace) return undefined;
  let depth = 1;
  let valueEnd = index;
  while (--index >= 0) {
    const byte = bytes[index];
    if (byte === quote) {
      const start = stringStart(bytes, index);
      if (start === -1) return undefined;
      const valueStart = depth === 1 ? afterColon(bytes, index + 1) : -1;
      if (valueStart !== -1 && bytes.toString("latin1", start + 1, index) === name) {
        return bytes.toString("utf8", valueStart, valueEnd);
      }
      index = start;
    } else if (byte === closeBrace || byte === closeBracket) depth++;
    else if (byte === openBrace || byte === openBracket) depth--;
    else if (byte === comma && depth === 1) valueEnd = index;
    if (depth === 0) return undefined;
  }
  return undefined;
}

/** Where the string begins whose closing quote is at `end`; -1 where that is not to be seen. */
function stringStart(bytes: Buffer, end: number): number {
  let index = end;
  while (index > 0) {
    index = bytes.lastIndexOf(quote, index - 1);
    if (index === -1) return -1;
    let first = index;
    while (first > 0 && bytes[first - 1] === backslash) first--;
    const backslashCount = index - first;
    if (backslashCount === 0) return index > 0 ? index : -1; // At 0 there might be a backslash before it.
    if (first === 0 || backslashCount % 2 === 0) return -1; // Cut off, or no JSON.
    index = first;
  }
  return -1;
}

/** Where the value begins behind a key that ends before `index`; -1 when what ended there was no key. */
function afterColon(bytes: Buffer, index: number): number {
  let at = index;
  while (isSpace(bytes[at])) at++;
  return bytes[at] === colon ? at + 1 : -1;
}

function skipSpaceBack(bytes: Buffer, index: number): number {
  let at = index;
  while (at >= 0 && isSpace(bytes[at])) at--;
  return at;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
