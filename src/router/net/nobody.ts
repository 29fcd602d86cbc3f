import type { StreamUser } from "./byte-stream.ts";

/** Hears nothing: the user of a stream before it has one and after. */
export const nobody: StreamUser = Object.freeze({
  onConnect() {},
  onData() {},
  onDrain() {},
  onEnd() {},
});
