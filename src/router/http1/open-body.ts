import type { BodyCursor, BodyCursorOptions, PayloadReader } from "./body-cursor.ts";
import { ChunkedBody } from "./chunked-body.ts";
import { Refusal } from "./refusal.ts";

/**
 * The cursor for a body of this length as the head gave it.
 * @throws Refusal 413 for a length past the limit.
 */
export function openBody(
  bodyLength: number | "chunked" | "close",
  options: BodyCursorOptions,
): BodyCursor {
  if (bodyLength === "chunked") return new ChunkedBody(options);
  if (bodyLength === "close") return new LengthBody(Infinity);
  if (bodyLength > options.payloadBytesMax) {
    const { payloadBytesMax } = options;
    throw new Refusal(413, `Cannot take the body: it is longer than ${payloadBytesMax} bytes`);
  }
  return new LengthBody(bodyLength);
}

/** A body of known length, or, with Infinity, one that ends with its connection. */
class LengthBody implements BodyCursor {
  readonly trailersStart = 0;
  readonly trailersEnd = 0;
  #remaining: number;

  constructor(byteCount: number) {
    this.#remaining = byteCount;
  }

  get isDone(): boolean {
    return this.#remaining === 0;
  }

  advance(chunk: Buffer, start: number, onPayload?: PayloadReader): number {
    const end = Math.min(chunk.length, start + this.#remaining);
    this.#remaining -= end - start;
    if (end > start) onPayload?.(start, end);
    return end;
  }
}
