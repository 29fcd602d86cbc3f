import { ApiError, invalidBody } from "./api-error.ts";

/** Nesting that a body may have. Deeper ones would exhaust the stack of whoever walks through them. */
export const jsonDepthMax = 100;

const quote = 0x22;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/**
 * Parses the JSON object of a request. The depth is checked on the bytes first, because the parser itself would
 * spend memory and seconds on megabytes of open brackets before it found the end missing.
 *
 * @throws ApiError 400, for bytes that are no JSON object.
 */
export function parseJsonBody(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  if (nestsDeeperThan(bytes, jsonDepthMax)) {
    const message = `JSON decode error: nested deeper than ${jsonDepthMax} levels`;
    throw invalidBody([{ path: [], message }]);
  }
  const value = parse(bytes);
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw invalidBody([{ path: [], message: "Input should be a JSON object" }]);
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    const reason = cause instanceof SyntaxError ? cause.message : "the bytes are not UTF-8";
    throw new ApiError(400, `1 validation error:\n  body: JSON decode error: ${reason}`, {
      type: "Bad Request",
      param: "body",
      cause,
    });
  }
}

function nestsDeeperThan(bytes: Uint8Array, depthMax: number): boolean {
  let depth = 0;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index];
    if (byte === quote) index = endOfString(bytes, index + 1);
    else if (byte === openBracket || byte === openBrace) depth++;
    else if (byte === closeBracket || byte === closeBrace) depth--;
    if (depth > depthMax) return true;
  }
  return false;
}

/** The index of the closing quote, or the end of the bytes. */
function endOfString(bytes: Uint8Array, start: number): number {
  let index = start;
  while (index < bytes.length && bytes[index] !== quote)
    index += bytes[index] === backslash ? 2 : 1;
  return index;
}
