import type { Headers } from "./headers.ts";
import { Refusal } from "./refusal.ts";

/** At most 15 digits, so that the number is exact. */
const digits = /^\d{1,15}$/;

/** The Content-Length in bytes. Repeated ones, lists and signs are refused even where the values agree. */
export function contentLength(headers: Headers): number | undefined {
  const value = headers.single("content-length");
  if (value === undefined) return undefined;
  if (!digits.test(value)) {
    throw new Refusal(400, "Cannot read the message: its Content-Length is no plain number");
  }
  return Number(value);
}

/** Whether the body is chunked; any other coding, or chunked under another one, is refused. */
export function isChunked(headers: Headers): boolean {
  const value = headers.single("transfer-encoding");
  if (value === undefined) return false;
  if (value.toLowerCase() === "chunked") return true;
  throw new Refusal(501, 'Cannot read the message: the only Transfer-Encoding known is "chunked"');
}
