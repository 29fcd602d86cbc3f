import { Refusal } from "./refusal.ts";

/** The header fields of one message in their order; names in lower case, values without outer white space. */
export class Headers {
  readonly names: string[] = [];
  readonly values: string[] = [];

  add(name: string, value: string): void {
    this.names.push(name);
    this.values.push(value);
  }

  /** The same fields but those of this name, which must be in lower case. */
  without(name: string): Headers {
    const others = new Headers();
    for (const [index, other] of this.names.entries()) {
      if (other !== name) others.add(other, this.values[index]!);
    }
    return others;
  }

  /** The first value of this name, which must be in lower case. */
  get(name: string): string | undefined {
    const index = this.names.indexOf(name);
    return index === -1 ? undefined : this.values[index];
  }

  /** The value of a field that must not be repeated: a second one is refused, since two readers could differ. */
  single(name: string): string | undefined {
    const index = this.names.indexOf(name);
    if (index === -1) return undefined;
    if (this.names.includes(name, index + 1)) {
      throw new Refusal(400, `Cannot read the message: header "${name}" appears more than once`);
    }
    return this.values[index];
  }

  /** The comma-separated tokens of all fields of this name, in lower case. */
  tokens(name: string): readonly string[] {
    if (!this.names.includes(name)) return noTokens;
    return this.values
      .filter((_, index) => this.names[index] === name)
      .flatMap((value) => value.toLowerCase().split(","))
      .map((token) => token.trim())
      .filter((token) => token !== "");
  }
}

const noTokens: readonly string[] = Object.freeze([]);

/** RFC 9110 section 5.6.2: what a method and a field name may consist of. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * Reads the field lines of a head, which stand from `position` to its end, separated by CRLF. Control bytes are
 * excluded by {@linkcode HeadScanner}. Folded lines and white space before the colon are refused (RFC 9112
 * section 5): parsers differ in what they make of them.
 */
export function parseHeaders(head: string, position: number, countMax: number): Headers {
  const headers = new Headers();
  while (position < head.length) {
    if (headers.names.length === countMax) {
      throw new Refusal(431, `Cannot read the message: it has more than ${countMax} headers`);
    }
    const lineEnd = endOfLine(head, position);
    const colon = head.indexOf(":", position);
    const name = head.slice(position, colon === -1 || colon > lineEnd ? lineEnd : colon);
    if (colon === -1 || colon > lineEnd || !token.test(name)) {
      throw new Refusal(400, "Cannot read the message: a header line has no proper name");
    }
    headers.add(name.toLowerCase(), trimBlanks(head.slice(colon + 1, lineEnd)));
    position = lineEnd + 2;
  }
  return headers;
}

/** Index of the CRLF that ends the line at `position`, or the length of the head for its last line. */
export function endOfLine(head: string, position: number): number {
  const end = head.indexOf("\r\n", position);
  return end === -1 ? head.length : end;
}

/** Takes spaces and tabs from both ends, and nothing else: String.trim() also takes U+00A0, which is data here. */
function trimBlanks(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && isBlank(value.charCodeAt(start))) start++;
  while (end > start && isBlank(value.charCodeAt(end - 1))) end--;
  return value.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
