/** Follows one body through the bytes of a connection and finds where it ends. */
export interface BodyCursor {
  readonly isDone: boolean;
  /**
   * Trailers in the chunk that was read last are the bytes from here to `trailersEnd`, none when the two are equal.
   * Whoever passes the body on leaves them out: readers exist that file them among the headers, past every check of
   * those, and RFC 9110 section 6.5.1 lets a relay drop them.
   */
  readonly trailersStart: number;
  readonly trailersEnd: number;
  /**
   * Reads on at `start` and gives the index behind the last byte that belongs to the body. `onPayload` gets the
   * ranges of the chunk that are content and not framing.
   * @throws Refusal for broken framing.
   */
  advance(chunk: Buffer, start: number, onPayload?: PayloadReader): number;
}

export type PayloadReader = (from: number, to: number) => void;

export interface BodyCursorOptions {
  readonly payloadBytesMax: number;
  /** False refuses them; who takes them must not pass them on. */
  readonly allowsTrailers: boolean;
}
