import type { RequestClient } from "../accept/request.ts";
import type { BodyCursor } from "../http1/body-cursor.ts";
import { ChunkedBody } from "../http1/chunked-body.ts";
import { HeadScanner } from "../http1/head-scanner.ts";
import { openBody } from "../http1/open-body.ts";
import { Refusal } from "../http1/refusal.ts";
import type { RequestHead } from "../http1/request-head.ts";
import { parseResponseHead, type ResponseHead } from "../http1/response-head.ts";
import type { RouterLimits } from "../limits.ts";
import type { RequestTrace } from "../observe/request-trace.ts";
import { errorEvents, EventBoundary, isEventStream, lastChunks } from "./event-stream.ts";
import { responseHeadText } from "./forwarded-head.ts";

/** Interim (1xx) responses that a rank may send before the response; none is passed on. */
const interimResponsesMax = 8;

/** A rank's answer is as long as it is; nothing of it is kept. */
const bodyOptions = { payloadBytesMax: Infinity, allowsTrailers: true };

export interface DownloadOptions {
  readonly client: RequestClient;
  readonly request: RequestHead;
  readonly requestId: string;
  readonly limits: RouterLimits;
  readonly trace: RequestTrace;
  /** Index of the rank whose answer this is. */
  readonly rank: number;
  /** Index of the rank that computed its prompt, where that is another one. */
  readonly prefillRank: number | undefined;
}

/**
 * One response on its way from the rank to the client: each read is written on at once, framing and all. Only the
 * head of an event stream waits for the first byte behind it: a rank may send it before it has begun on the prompt,
 * and a client that has seen nothing can still be served by another rank.
 */
export class Download {
  isDone = false;
  head: ResponseHead | undefined;
  /** Content and framing of bodies that came. */
  byteCount = 0;
  readonly #options: DownloadOptions;
  readonly #scanner: HeadScanner;
  #body: BodyCursor | undefined;
  #hasBegun = false;
  #hasWritten = false;
  #hasSpareBytes = false;
  #interimCount = 0;
  /** Set where content must be looked at: in event streams, for usage, and to take chunks apart for HTTP/1.0 clients. */
  #onPayload: ((from: number, to: number) => void) | undefined;
  #chunk: Buffer = noBytes;
  #events: EventBoundary | undefined;
  #unwrapsChunks = false;

  constructor(options: DownloadOptions) {
    this.#options = options;
    this.#scanner = new HeadScanner(options.limits.headBytesMax);
  }

  /** Whether the client has seen nothing of it and the rank sent no more than the head of an event stream. */
  get canStartOver(): boolean {
    return !this.#hasBegun || (this.head !== undefined && !this.#hasWritten);
  }

  /** Whether the client has seen the head. */
  get hasWritten(): boolean {
    return this.#hasWritten;
  }

  /** Whether its body is a stream of server-sent events. */
  get isEventStream(): boolean {
    return this.#events !== undefined;
  }

  /** Whether the rank's connection can carry another request after this response. */
  get leavesConnectionUsable(): boolean {
    return this.isDone && !this.#hasSpareBytes && this.head?.keepsAlive === true;
  }

  /**
   * Passes on what the rank sent.
   * @throws Refusal for a rank that breaks the protocol; what was passed on stays as it is
   */
  take(chunk: Buffer): void {
    this.#hasBegun = true;
    let index = 0;
    while (this.head === undefined && index < chunk.length) index = this.#takeHead(chunk, index);
    if (this.head === undefined) return;
    if (index < chunk.length && !this.isDone) index = this.#takeBody(chunk, index);
    this.isDone = this.#body?.isDone === true;
    if (this.isDone || this.#events === undefined) this.#writeHead();
    this.#hasSpareBytes ||= index < chunk.length;
  }

  /** The rank's connection ended in order. True when that is how this response ends. */
  takeEnd(): boolean {
    this.isDone ||= this.head?.bodyLength === "close";
    if (this.isDone) this.#writeHead();
    return this.isDone;
  }

  /**
   * Ends a response whose rest will not come, so that the client cannot mistake it for a whole one: an event
   * stream that stands between two events gets the error as its last event, anything else is cut.
   */
  breakOff(message: string): void {
    const { client } = this.#options;
    const isBetweenChunks = !(this.#body instanceof ChunkedBody) || this.#body.isBetweenChunks;
    const hasLength = typeof this.head?.bodyLength === "number";
    if (this.#events?.isWhole !== true || !isBetweenChunks || hasLength) return client.cut();
    const events = errorEvents(502, message);
    const isChunked = this.head?.bodyLength === "chunked" && !this.#unwrapsChunks;
    client.write(isChunked ? lastChunks(events) : events);
    // Chunks that end say so themselves. The head promised to keep the connection, on which the next request may be
    // under way already: closing it would lose that one.
    client.finishBroken();
  }

  #takeHead(chunk: Buffer, start: number): number {
    const { request, limits } = this.#options;
    const end = this.#scanner.scan(chunk, start);
    if (end === -1) return chunk.length;
    const head = parseResponseHead(this.#scanner.text, request.method, limits.headerCountMax);
    if (head.status < 200) {
      this.#noteInterim(head);
      return end;
    }
    this.head = head;
    this.#body = openBody(head.bodyLength, bodyOptions);
    this.#chooseReading(head);
    return end;
  }

  #writeHead(): void {
    const { head } = this;
    if (this.#hasWritten || head === undefined) return;
    this.#hasWritten = true;
    const { client, request, requestId, rank, prefillRank } = this.#options;
    const isChunked = head.bodyLength === "chunked" && !this.#unwrapsChunks;
    if (head.bodyLength === "close" || this.#unwrapsChunks) client.closeAfterAnswer();
    const { keepsAlive } = client;
    const { minorVersion } = request;
    const forward = { keepsAlive, minorVersion, requestId, rank, prefillRank, isChunked };
    client.writeHead(responseHeadText(head, forward));
  }

  #noteInterim(head: ResponseHead): void {
    if (head.status === 101) throw new Refusal(502, "The rank changed the protocol unasked");
    if (++this.#interimCount > interimResponsesMax) {
      throw new Refusal(502, "The rank sent too many interim responses");
    }
  }

  #chooseReading(head: ResponseHead): void {
    this.#unwrapsChunks = head.bodyLength === "chunked" && this.#options.request.minorVersion === 0;
    if (isEventStream(head)) this.#events = new EventBoundary();
    const { trace } = this.#options;
    const isTraced = trace.beginAnswer(head, this.#events !== undefined);
    if (!isTraced && this.#events === undefined && !this.#unwrapsChunks) return;
    this.#onPayload = (from, to) => {
      if (isTraced) trace.readContent(this.#chunk, from, to);
      this.#events?.note(this.#chunk, from, to);
      if (this.#unwrapsChunks) this.#options.client.write(this.#chunk.subarray(from, to));
    };
  }

  #takeBody(chunk: Buffer, start: number): number {
    this.#writeHead();
    this.#chunk = chunk;
    const end = this.#body!.advance(chunk, start, this.#onPayload);
    this.#chunk = noBytes;
    this.byteCount += end - start;
    if (!this.#unwrapsChunks) {
      const isWhole = start === 0 && end === chunk.length;
      this.#options.client.write(isWhole ? chunk : chunk.subarray(start, end));
    }
    return end;
  }
}

const noBytes = Buffer.alloc(0);
