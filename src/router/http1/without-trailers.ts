import type { BodyCursor } from "./body-cursor.ts";

/** What may be passed on of `bytes`, which begin at `offset` in the chunk that the cursor has just advanced over. */
export function withoutTrailers(body: BodyCursor, bytes: Buffer, offset: number): Buffer {
  const { trailersStart, trailersEnd } = body;
  if (trailersStart === trailersEnd) return bytes;
  const before = bytes.subarray(0, trailersStart - offset);
  return Buffer.concat([before, bytes.subarray(trailersEnd - offset)]);
}
