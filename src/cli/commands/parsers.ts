/** Reads a whole number of at least 0; the text of its error ends up behind the flag's name. */
export function parseCount(word: string): number {
  if (/^\d{1,15}$/.test(word)) return Number(word);
  throw new SyntaxError(`Expected a whole number, found "${word}"`);
}

/** Reads a whole number of at least 1. */
export function parsePositive(word: string): number {
  const count = parseCount(word);
  if (count >= 1) return count;
  throw new RangeError(`Expected at least 1, found "${word}"`);
}

/** Reads a TCP port; 0 lets the system choose one. */
export function parsePort(word: string): number {
  const port = parseCount(word);
  if (port <= 65_535) return port;
  throw new RangeError(`Expected a port up to 65535, found "${word}"`);
}

/** Reads a time of at least a second and at most a day. */
export function parseSeconds(word: string): number {
  const seconds = parseCount(word);
  if (seconds >= 1 && seconds <= 86_400) return seconds;
  throw new RangeError(`Expected 1 to 86400 seconds, found "${word}"`);
}

/** Reads an `http:` URL without a path. */
export function parseServerUrl(word: string): string {
  const url = URL.canParse(word) ? new URL(word) : undefined;
  if (url?.protocol === "http:" && url.pathname === "/" && url.search === "") return url.origin;
  throw new SyntaxError(`Expected a URL such as http://127.0.0.1:8100, found "${word}"`);
}

/** Makes a parser of whole numbers from `min` to `max`; the unit stands behind them in its error. */
export function wholeNumber(min: number, max: number, unit = ""): (word: string) => number {
  return (word) => {
    const value = parseCount(word);
    if (value >= min && value <= max) return value;
    throw new RangeError(`Expected ${min} to ${max}${unit && ` ${unit}`}, found "${word}"`);
  };
}

/** Reads a time of at most a day in seconds, also a part of one: 1.5. */
export function parseDecimalSeconds(word: string): number {
  const seconds = /^\d{1,5}(\.\d{1,3})?$/.test(word) ? Number(word) : NaN;
  if (seconds <= 86_400) return seconds;
  throw new RangeError(`Expected 0 to 86400 seconds, found "${word}"`);
}

/** The longest path of a socket that Linux takes: 108 bytes with the NUL behind it (unix(7)). */
const socketPathBytesMax = 107;

/** Reads the path of a Unix socket. */
export function parseSocketPath(word: string): string {
  const bytes = Buffer.byteLength(word);
  if (bytes >= 1 && bytes <= socketPathBytesMax) return word;
  throw new RangeError(
    `Expected a path of 1 to ${socketPathBytesMax} bytes for a socket, found ${bytes}`,
  );
}

/** Reads a path of a file or a directory. */
export function parsePath(word: string): string {
  if (word !== "") return word;
  throw new SyntaxError('Expected a path, found ""');
}

/** Reads the origin of web pages, such as `https://chat.example`, or `*` for all of them. */
export function parseOrigin(word: string): string {
  if (word === "*" || (URL.canParse(word) && new URL(word).origin === word)) return word;
  throw new SyntaxError(
    `Expected an origin such as https://chat.example without a path, or *, found "${word}"`,
  );
}

/** Reads the name of an HTTP header, a token of RFC 9110. */
export function parseHeaderName(word: string): string {
  if (/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,256}$/.test(word)) return word;
  throw new SyntaxError(`Expected the name of a header, found "${word}"`);
}
