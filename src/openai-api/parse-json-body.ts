import { ApiError, invalidBody } from "./api-error.ts";

/** Nesting that a body may have. Deeper ones would exhaust the stack of whoever walks through them. */
export const jsonDepthMax = 100;

/**
 * Lists and objects, and members of objects, that a body may have. Parsing them costs a hundred times what
 * plain text and numbers of the same size do, and parsing blocks the event loop.
 */
export const jsonContainersMax = 65_536;
export const jsonMembersMax = 131_072;

const quote = 0x22;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const colon = 0x3a;

/**
 * Parses the JSON object of a request. Its structure is measured on the bytes first, because the parser itself
 * would spend memory and seconds on megabytes of brackets.
 *
 * @throws ApiError 400, for bytes that are no JSON object.
 */
export function parseJsonBody(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  const excess = structuralExcess(bytes);
  if (excess !== null) throw invalidBody([{ path: [], message: `JSON decode error: ${excess}` }]);
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

/** Which limit the structure exceeds; what is no JSON is left to the parser. */
function structuralExcess(bytes: Uint8Array): string | null {
  let depth = 0;
  let containerCount = 0;
  let memberCount = 0;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index];
    if (byte === quote) index = endOfString(bytes, index + 1);
    else if (byte === openBracket || byte === openBrace) {
      depth++;
      containerCount++;
    } else if (byte === closeBracket || byte === closeBrace) depth--;
    else if (byte === colon) memberCount++;
    if (depth > jsonDepthMax) return `nested deeper than ${jsonDepthMax} levels`;
    if (containerCount > jsonContainersMax)
      return `more than ${jsonContainersMax} lists and objects`;
    if (memberCount > jsonMembersMax) return `more than ${jsonMembersMax} members`;
  }
  return null;
}

/** The index of the closing quote, or the end of the bytes. */
function endOfString(bytes: Uint8Array, start: number): number {
  let index = start;
  while (index < bytes.length && bytes[index] !== quote)
    index += bytes[index] === backslash ? 2 : 1;
  return index;
}
