import assert from "node:assert/strict";
import { GatheredBytes } from "../../base/mod.ts";
import { errorBody } from "../../openai-api/mod.ts";
import type { Deadlines, Expirable } from "../deadlines.ts";
import type { BodyCursor } from "../http1/body-cursor.ts";
import { HeadScanner } from "../http1/head-scanner.ts";
import { openBody } from "../http1/open-body.ts";
import { Refusal } from "../http1/refusal.ts";
import { parseRequestHead, type RequestHead } from "../http1/request-head.ts";
import { withoutTrailers } from "../http1/without-trailers.ts";
import type { RouterLimits } from "../limits.ts";
import type { ByteStream, StreamUser } from "../net/byte-stream.ts";
import { type Answer, answerHead } from "./answer.ts";

/** Takes the body of one request and hears what becomes of its client. Answers through the connection. */
export interface RequestSink {
  /** Bytes of the body with their framing, valid during the call. False asks for no more until {@linkcode ClientConnection.resumeBody}. */
  onBody(bytes: Buffer): boolean;
  onBodyEnd(): void;
  /** The client took what was written: a paused answer may go on. */
  onClientDrain(): void;
  /**
   * The client vanished, or broke the protocol and is answered with this status; the request is over and nothing more
   * may be written.
   */
  onClientGone(status?: number): void;
}

/** What a connection needs from the router. */
export interface ClientConnectionHost {
  readonly limits: RouterLimits;
  readonly deadlines: Deadlines;
  /** True once the router drains: no connection is kept after its answer. */
  readonly isDraining: boolean;
  /** Answers at once, or gives the sink that will. */
  handle(head: RequestHead, client: ClientConnection): RequestSink | undefined;
  /** What came from a client is no request, or does not go on as one: it is answered with this status. */
  onRefused(status: number, refused?: RefusedInput): void;
}

/** What is known of input that was refused. */
export interface RefusedInput {
  readonly client: ClientConnection;
  /** Undefined where the head itself was refused. */
  readonly head: RequestHead | undefined;
  /** Whether a sink hears of it too. */
  readonly hasSink: boolean;
}

/**
 * One client's connection: heads are read one after the other, each request is answered before the next is looked
 * at, and bytes that come early wait.
 *
 *     head -> request -> head ...          phase "request" lasts from a whole head to the end of the answer
 *          \-> closing -> closed           "closing": the last answer is written, input is thrown away
 *
 * A client that closes its sending half counts as gone: this is what a closed socket looks like, and a generation
 * for nobody is worth more than the rare client that only half closes.
 */
export class ClientConnection implements Expirable, StreamUser {
  deadlineMs: number;
  /** Further field lines of the answer in hand, each with its end. */
  answerFields = "";
  /** Of the request in hand, for an answer of the router's own; ranks' answers have it already. */
  requestId: string | undefined;
  readonly #stream: ByteStream;
  readonly #host: ClientConnectionHost;
  readonly #onClosed: () => void;
  #peerAddress: string | undefined;
  readonly #scanner: HeadScanner;
  #phase: "head" | "request" | "closing" | "closed" = "head";
  #head: RequestHead | undefined;
  #body: BodyCursor | undefined;
  #sink: RequestSink | undefined;
  #keepsAlive = true;
  #hasAnswerBegun = false;
  /** Bytes of later requests, in order. */
  readonly #early = new GatheredBytes();
  #isConsuming = false;
  #hasHadRequest = false;

  constructor(stream: ByteStream, host: ClientConnectionHost, onClosed: () => void) {
    this.#stream = stream;
    stream.user = this;
    this.#host = host;
    this.#onClosed = onClosed;
    this.#scanner = new HeadScanner(host.limits.headBytesMax);
    this.deadlineMs = host.deadlines.nowMs + host.limits.headMsMax;
    host.deadlines.watch(this);
  }

  /** Whether the connection stays open after the answer in hand; the answer's head must say so. */
  get keepsAlive(): boolean {
    return this.#keepsAlive;
  }

  /** Address of the client's machine, where there is one. */
  get peerAddress(): string | undefined {
    this.#peerAddress ??= this.#stream.peerAddress;
    return this.#peerAddress;
  }

  /** Whether the client is behind: what is written next waits in memory. */
  get isCongested(): boolean {
    return this.#stream.isCongested;
  }

  /** Whether no request is in hand, so that closing costs nobody an answer. */
  get isIdle(): boolean {
    return this.#phase === "head" && !this.#scanner.isInside && this.#early.length === 0;
  }

  /** The answer in hand ends with the connection. */
  closeAfterAnswer(): void {
    this.#keepsAlive = false;
  }

  /** Writes the head of the answer together with what follows in the same turn of the event loop. */
  writeHead(text: string): void {
    assert(this.#phase === "request");
    assert(!this.#hasAnswerBegun);
    this.#hasAnswerBegun = true;
    const { answerFields: fields } = this;
    this.#stream.writeHead(fields === "" ? text : `${text.slice(0, -2)}${fields}\r\n`);
  }

  write(bytes: Buffer | string): void {
    assert(this.#phase === "request");
    if (!this.#stream.write(bytes)) {
      this.deadlineMs = this.#host.deadlines.nowMs + this.#host.limits.clientStallMsMax;
    }
  }

  resumeBody(): void {
    if (this.#phase !== "request" || this.#body?.isDone === true) return;
    this.deadlineMs = this.#host.deadlines.nowMs + this.#host.limits.bodyIdleMsMax;
    this.#stream.resume();
  }

  /** A whole answer of the router's own. */
  answer(answer: Answer): void {
    if (this.#body?.isDone !== true) this.#keepsAlive = false;
    if (this.requestId !== undefined) this.answerFields += `x-request-id: ${this.requestId}\r\n`;
    this.writeHead(answerHead(answer, { keepsAlive: this.#keepsAlive, minorVersion: this.#minor }));
    if (this.#head?.method !== "HEAD" && answer.body !== "") this.write(answer.body);
    this.finish();
  }

  /** An error answer in vLLM's shape, or a cut where an answer has begun and cannot be taken back. */
  refuse(status: number, message: string, headers: readonly string[] = []): void {
    if (this.#hasAnswerBegun) return this.cut();
    const body = JSON.stringify(errorBody(status, message));
    this.answer({ status, contentType: "application/json", body, headers });
  }

  /** The answer is written to its end. */
  finish(): void {
    assert(this.#phase === "request");
    this.#sink = undefined;
    const mayStay = this.#keepsAlive && !this.#host.isDraining;
    if (!mayStay || this.#body?.isDone !== true) return this.close();
    this.#phase = "head";
    this.#head = undefined;
    this.#body = undefined;
    this.#hasAnswerBegun = false;
    this.answerFields = "";
    this.requestId = undefined;
    this.deadlineMs = this.#host.deadlines.nowMs + this.#host.limits.idleMsMax;
    if (!this.#isConsuming) this.#consumeEarly();
  }

  /** For the connection this is an end as any other. */
  finishBroken(): void {
    this.finish();
  }

  /**
   * Ends the connection after what is written. Input is read on and thrown away for a while: a socket that closes
   * with unread bytes resets, and the client would lose the answer. A router that drains does not wait for clients
   * that have nothing more to send: many keep an idle connection open until they want to use it again.
   */
  close(): void {
    if (this.#phase === "closing" || this.#phase === "closed") return;
    const mayStillSend = this.#phase === "request" && this.#body?.isDone !== true;
    this.#phase = "closing";
    this.#early.take();
    const { deadlines, limits } = this.#host;
    this.deadlineMs = deadlines.nowMs + limits.clientStallMsMax;
    this.#stream.end(() => {
      if (this.#host.isDraining && !mayStillSend) this.#onGone();
      else this.deadlineMs = deadlines.nowMs + limits.lingerMsMax;
    });
    this.#stream.resume();
  }

  /**
   * Ends a connection without a request. Of a new one the first request may be under way, and cannot be told from one
   * that was taken: it has lingerMsMax to come and be answered.
   */
  closeUnused(): void {
    assert(this.isIdle);
    const { deadlines, limits } = this.#host;
    if (this.#hasHadRequest) this.close();
    else this.deadlineMs = Math.min(this.deadlineMs, deadlines.nowMs + limits.lingerMsMax);
  }

  /** Ends the connection so that the client cannot take what it has for a whole answer. */
  cut(): void {
    this.#phase = "closing";
    this.#sink = undefined;
    this.#stream.reset();
    this.#onGone();
  }

  onDeadline(): void {
    if (this.#phase === "closing") this.#onGone();
    else if (this.#phase === "request") this.#onRequestDeadline();
    else if (this.#scanner.isInside) {
      this.#refuseInput(new Refusal(408, "Cannot read the request: its head did not come in time"));
    } else this.close();
  }

  /** Cuts the connection and ends the request in hand, on the router's own account. */
  abort(): void {
    const sink = this.#sink;
    this.cut();
    sink?.onClientGone();
  }

  #onRequestDeadline(): void {
    if (this.isCongested || this.#body?.isDone === true) this.abort();
    else {
      this.#refuseInput(new Refusal(408, "Cannot read the request: its body did not come in time"));
    }
  }

  get #minor(): 0 | 1 {
    return this.#head?.minorVersion ?? 1;
  }

  onConnect(): void {
    // A client's stream is connected when it is accepted.
  }

  onData(chunk: Buffer): void {
    this.#consume(chunk);
  }

  onDrain(): void {
    if (this.#phase === "head") return this.#consumeEarly();
    if (this.#phase !== "request") return;
    const { deadlines, limits } = this.#host;
    this.deadlineMs = this.#body?.isDone ? Infinity : deadlines.nowMs + limits.bodyIdleMsMax;
    this.#sink?.onClientDrain();
  }

  onEnd(): void {
    this.#onGone();
  }

  #consume(chunk: Buffer): void {
    if (this.#phase === "closing" || this.#phase === "closed") return;
    this.#isConsuming = true;
    try {
      this.#consumeFrom(chunk, 0);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#refuseInput(error);
    } finally {
      this.#isConsuming = false;
    }
  }

  #consumeFrom(chunk: Buffer, start: number): void {
    let index = start;
    while (index < chunk.length) {
      if (this.#phase === "head" && !this.isCongested) index = this.#readHead(chunk, index);
      else if (this.#phase === "request" && this.#body?.isDone === false) {
        index = this.#readBody(chunk, index);
      } else if (this.#phase === "head" || this.#phase === "request") {
        return this.#holdEarly(chunk.subarray(index));
      } else return;
    }
  }

  #readHead(chunk: Buffer, start: number): number {
    const { deadlines, limits } = this.#host;
    if (!this.#scanner.isInside) this.deadlineMs = deadlines.nowMs + limits.headMsMax;
    const end = this.#scanner.scan(chunk, start);
    if (end === -1) return chunk.length;
    const head = parseRequestHead(this.#scanner.text, limits.headerCountMax);
    this.#head = head;
    this.#body = openBody(head.bodyLength, {
      payloadBytesMax: limits.bodyBytesMax,
      allowsTrailers: true,
    });
    this.#begin(head, this.#body);
    return end;
  }

  #begin(head: RequestHead, body: BodyCursor): void {
    const { deadlines, limits } = this.#host;
    this.#phase = "request";
    this.#hasHadRequest = true;
    this.#keepsAlive = head.keepsAlive && !this.#host.isDraining;
    this.deadlineMs = body.isDone ? Infinity : deadlines.nowMs + limits.bodyIdleMsMax;
    const sink = this.#host.handle(head, this);
    if (sink === undefined) return;
    this.#sink = sink;
    if (body.isDone) sink.onBodyEnd();
    else if (head.expectsContinue) this.#stream.write("HTTP/1.1 100 Continue\r\n\r\n");
  }

  #readBody(chunk: Buffer, start: number): number {
    const body = this.#body;
    assert(body !== undefined);
    const end = body.advance(chunk, start);
    const isWhole = start === 0 && end === chunk.length;
    const bytes = isWhole ? chunk : chunk.subarray(start, end);
    const takesMore = this.#sink?.onBody(withoutTrailers(body, bytes, start)) ?? true;
    if (this.#phase !== "request") return end;
    if (body.isDone) {
      this.deadlineMs = Infinity;
      this.#sink?.onBodyEnd();
    } else if (takesMore) {
      this.deadlineMs = this.#host.deadlines.nowMs + this.#host.limits.bodyIdleMsMax;
    } else {
      this.deadlineMs = Infinity;
      this.#stream.pause();
    }
    return end;
  }

  /** Later requests wait. Past the limit they wait in the kernel; the client's leaving is then felt by a write. */
  #holdEarly(bytes: Buffer): void {
    this.#early.push(bytes);
    if (this.#early.length > this.#host.limits.pipelinedBytesMax) this.#stream.pause();
  }

  #consumeEarly(): void {
    this.#stream.resume(); // Before what may pause it again.
    if (this.#early.length > 0) this.#consume(this.#early.take());
  }

  /** The client broke the protocol or a limit: nothing that it sends from here on can be trusted to be a request. */
  #refuseInput(refusal: Refusal): void {
    const sink = this.#sink;
    this.#sink = undefined;
    this.#keepsAlive = false;
    const status = this.#hasAnswerBegun ? undefined : refusal.status;
    if (status !== undefined) {
      const hasSink = sink !== undefined;
      this.#host.onRefused(status, { client: this, head: this.#head, hasSink });
    }
    sink?.onClientGone(status);
    this.#phase = "request";
    this.refuse(refusal.status, refusal.message);
  }

  #onGone(): void {
    if (this.#phase === "closed") return;
    this.#phase = "closed";
    const sink = this.#sink;
    this.#sink = undefined;
    this.#early.take();
    this.#host.deadlines.forget(this);
    this.#stream.destroy();
    this.#onClosed();
    sink?.onClientGone();
  }
}
