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
    if (this.names.indexOf(name, index + 1) !== -1) {
      throw new Refusal(400, `Cannot read the message: header "${name}" appears more than once`);
    }
    return this.values[index];
  }

  /** The comma-separated tokens of all fields of this name, in lower case. */
  tokens(name: string): readonly string[] {
    let index = this.names.indexOf(name);
    if (index === -1) return noTokens;
    const found: string[] = [];
    for (; index !== -1; index = this.names.indexOf(name, index + 1)) {
      pushTokens(found, this.values[index]!.toLowerCase());
    }
    return found;
  }
}

function pushTokens(found: string[], list: string): void {
  for (let start = 0; start < list.length;) {
    const comma = list.indexOf(",", start);
    const end = comma === -1 ? list.length : comma;
    const token = withoutOuterBlanks(list, start, end);
    if (token !== "") found.push(token);
    start = end + 1;
  }
}

const noTokens: readonly string[] = Object.freeze([]);

/** RFC 9110 section 5.6.2: what a field name may consist of, in lower case. */
const token = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;

/** Names that most messages have. Found here they need no check, and being one string each they compare at once. */
const usualNames: ReadonlyMap<string, string> = new Map(
  [
    "accept",
    "accept-encoding",
    "accept-language",
    "authorization",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "date",
    "expect",
    "host",
    "keep-alive",
    "server",
    "traceparent",
    "transfer-encoding",
    "user-agent",
    "x-correlation-id",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
    "x-request-id",
    "x-session-id",
    "x-stainless-arch",
    "x-stainless-async",
    "x-stainless-lang",
    "x-stainless-os",
    "x-stainless-package-version",
    "x-stainless-read-timeout",
    "x-stainless-retry-count",
    "x-stainless-runtime",
    "x-stainless-runtime-version",
  ].map((name) => [name, name]),
);

/**
 * Reads the field lines of a head, which stand from `position` to its end, separated by CRLF. Control bytes are
 * excluded by {@linkcode HeadScanner}. Folded lines and white space before the colon are refused (RFC 9112
 * section 5): parsers differ in what they make of them.
 */
export function parseHeaders(head: string, position: number, countMax: number): Headers {
  const headers = new Headers();
  const lower = head.toLowerCase();
  while (position < head.length) {
    if (headers.names.length === countMax) {
      throw new Refusal(431, `Cannot read the message: it has more than ${countMax} headers`);
    }
    const lineEnd = endOfLine(head, position);
    const colon = head.indexOf(":", position);
    headers.add(nameAt(lower, position, colon), withoutOuterBlanks(head, colon + 1, lineEnd));
    position = lineEnd + 2;
  }
  return headers;
}

/** The name before the colon, which may be that of a later line: what then stands before it is no name. */
function nameAt(lower: string, start: number, colon: number): string {
  const name = lower.slice(start, Math.max(start, colon));
  const usual = usualNames.get(name);
  if (usual !== undefined) return usual;
  if (token.test(name)) return name;
  throw new Refusal(400, "Cannot read the message: a header line has no proper name");
}

/** Index of the CRLF that ends the line at `position`, or the length of the head for its last line. */
export function endOfLine(head: string, position: number): number {
  const end = head.indexOf("\r", position);
  return end === -1 ? head.length : end;
}

/**
 * The text in [from, to) without spaces and tabs at its ends. String.trim() would also take U+00A0, which is data.
 */
function withoutOuterBlanks(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
