import type { RequestSink } from "./client-connection.ts";

/** What a request may do with whoever asked: a client's connection, or what stands in for one. */
export interface RequestClient {
  /** Whether the connection stays open after the answer; the answer's head must say so. */
  readonly keepsAlive: boolean;
  /** Whether the client is behind: what is written next waits in memory. */
  readonly isCongested: boolean;
  /** The answer ends with the connection. */
  closeAfterAnswer(): void;
  /** The head of the answer, once. */
  writeHead(text: string): void;
  write(bytes: Buffer | string): void;
  /** Asks for the rest of a body, of which the sink wanted no more for a while. */
  resumeBody(): void;
  /** The answer is written to its end. */
  finish(): void;
  /** The same for an answer whose last bytes say that it broke off. */
  finishBroken(): void;
  /** An error answer, or a cut where an answer has begun and cannot be taken back. */
  refuse(status: number, message: string, headers?: readonly string[]): void;
  /** Ends the connection so that the client cannot take what it has for a whole answer. */
  cut(): void;
}

/** One request from its head to the end of its answer. */
export interface Request extends RequestSink {
  /** Sends it on its way. False when it is answered already. */
  start(): boolean;
}
