/** Follows one body through the bytes of a connection and finds where it ends. */
export interface BodyCursor {
  readonly isDone: boolean;
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
  /** Refused in requests: servers exist that file a trailer among the headers, past every check of those. */
  readonly allowsTrailers: boolean;
}
