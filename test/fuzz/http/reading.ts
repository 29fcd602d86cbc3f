/** What somebody fed with an input: the bytes of one connection, in one direction. */
export interface Input {
  readonly kind: "request" | "response";
  /** As Latin-1. */
  readonly text: string;
  /** Where the bytes are cut into pieces, in rising order. */
  readonly cuts: readonly number[];
  /** Of the request that a response answers. */
  readonly method: string;
  /** Whether the connection ends in order behind the bytes. */
  readonly ends: boolean;
}

/** One message as a parser understood it. What is of requests alone is empty in responses, and the other way round. */
export interface Message {
  readonly method: string;
  readonly target: string;
  readonly status: number;
  readonly reason: string;
  /** "1.1" */
  readonly version: string;
  /** Names in lower case and values, alternating. */
  readonly fields: readonly string[];
  readonly keepsAlive: boolean;
  /** Content without framing, as Latin-1. */
  body: string;
  trailers: string[];
  isComplete: boolean;
}

/** All that a parser made of an input. */
export interface Reading {
  readonly messages: readonly Message[];
  /**
   * "open": all was read, the last message may be incomplete; "refused": what follows the last message, or its rest,
   * is not taken; "over": the last message is the last of its connection, whatever follows.
   */
  readonly end: "open" | "refused" | "over";
  /** Why it was refused. */
  readonly why: string;
  /** Bytes of the messages that were taken as a whole, where that is known. */
  readonly takenByteCount: number;
}

/** The pieces that an input comes in. */
export function piecesOf(bytes: Buffer, cuts: readonly number[]): readonly Buffer[] {
  if (cuts.length === 0) return [bytes];
  const ends = [...cuts, bytes.length];
  return ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end));
}
