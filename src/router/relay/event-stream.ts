import { errorBody } from "../../openai-api/mod.ts";
import type { ResponseHead } from "../http1/response-head.ts";

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** Whether a response is a stream of server-sent events that text can be appended to. */
export function isEventStream(head: ResponseHead): boolean {
  const type = head.headers.get("content-type")?.toLowerCase() ?? "";
  const isPlain = head.headers.get("content-encoding") === undefined;
  return isPlain && /^text\/event-stream\s*(;|$)/.test(type);
}

/** Notes whether the content so far ends with a whole event, that is an empty line; so it does before the first byte. */
export class EventBoundary {
  #last = lineFeed;
  #secondLast = lineFeed;
  #thirdLast = 0;

  get isWhole(): boolean {
    if (this.#last !== lineFeed) return false;
    return (
      this.#secondLast === lineFeed ||
      (this.#secondLast === carriageReturn && this.#thirdLast === lineFeed)
    );
  }

  /** Takes note of the content `chunk[from..to)`. */
  note(chunk: Buffer, from: number, to: number): void {
    for (let index = Math.max(from, to - 3); index < to; index++) {
      this.#thirdLast = this.#secondLast;
      this.#secondLast = this.#last;
      this.#last = chunk[index]!;
    }
  }
}

/** The events that end a broken stream, as vLLM's own server writes them once the status has been sent. */
export function errorEvents(status: number, message: string): string {
  return `data: ${JSON.stringify(errorBody(status, message))}\n\ndata: [DONE]\n\n`;
}

/** One chunk of a chunked body with the last, empty chunk after it. */
export function lastChunks(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n0\r\n\r\n`;
}
