import type { NodeStream } from "./node-stream.ts";

/** One for all streams of a thread: what one has read is used up before the next one reads. */
const readBuffer = Buffer.allocUnsafeSlow(65_536);

/** The `onread` option of a socket that reads for this stream. */
export function readInto(streamOf: () => NodeStream) {
  return {
    buffer: readBuffer,
    callback: (byteCount: number): boolean => {
      const isFull = byteCount === readBuffer.length;
      streamOf().read(isFull ? readBuffer : readBuffer.subarray(0, byteCount));
      return true;
    },
  };
}
