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
