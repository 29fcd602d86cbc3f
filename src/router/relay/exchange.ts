import assert from "node:assert/strict";
import type { Request, RequestClient } from "../accept/request.ts";
import type { Expirable } from "../deadlines.ts";
import { Refusal } from "../http1/refusal.ts";
import type { RequestHead } from "../http1/request-head.ts";
import type { RequestTrace } from "../observe/request-trace.ts";
import type { RankWatcher } from "../ranks/rank-table.ts";
import { TriedRanks } from "../ranks/tried-ranks.ts";
import { AnswerVerdict } from "./answer-verdict.ts";
import { Attempt, type AttemptUser, type Loss, type Sending } from "./attempt.ts";
import { Download } from "./download.ts";
import { requestHeadText } from "./forwarded-head.ts";
import { isSafeToRepeat } from "./is-safe-to-repeat.ts";
import type { RelayContext } from "./relay-context.ts";
import type { Upload } from "./upload.ts";

/** A request as it is sent to a rank. */
export interface Outgoing {
  /** With the length of the body that is sent. */
  readonly head: RequestHead;
  readonly upload: Upload;
}

export interface ExchangeOptions {
  readonly client: RequestClient;
  readonly requestId: string;
  readonly outgoing: Outgoing;
  readonly sessionKey: string | undefined;
  /** What is sent once a rank may have begun on the first: for what a request carries that serves only once. */
  readonly later?: Outgoing;
  /** Index of the rank that computed the prompt of `outgoing`, where that was another one. */
  readonly prefillRank?: number;
  /** Of the request from its head on; ends with the exchange. */
  readonly trace: RequestTrace;
  /** No further attempt will be made: what was kept for one is free. Called at most once. */
  readonly onSettled?: () => void;
  /** The request is over and everything given back. Called exactly once. */
  readonly onOver: () => void;
}

/**
 * One request from the choice of its rank to its last byte:
 *
 *     choose -> attempt -> upload and download -> finish
 *        ^         |
 *        +-- wait -+    while the client has seen nothing of an answer
 *
 * A rank that cannot be reached costs a try; one that breaks off or is lost before the first byte of its answer does
 * too, where the whole body is at hand and doing it twice is as good as once. Where no rank lives that did before, it waits for
 * one. After a byte of the answer there is no second attempt.
 */
export class Exchange implements Request, AttemptUser, RankWatcher, Expirable {
  /** While it waits for a rank. */
  deadlineMs = Infinity;
  readonly #context: RelayContext;
  readonly #options: ExchangeOptions;
  readonly #tried: TriedRanks;
  #outgoing: Outgoing;
  #download: Download | undefined;
  #attempt: Attempt | undefined;
  #verdict: AnswerVerdict | undefined;
  #unreachableCount = 0;
  #brokenCount = 0;
  #isSettled = false;
  #isOver = false;

  constructor(context: RelayContext, options: ExchangeOptions) {
    this.#context = context;
    this.#options = options;
    this.#outgoing = options.outgoing;
    options.trace.sessionKey = options.sessionKey;
    this.#tried = new TriedRanks(context.table);
    context.retryBudget.noteRequest();
  }

  /** Sends the request on its way. False when it is answered already, for want of a rank. */
  start(): boolean {
    this.#place();
    return !this.#isOver;
  }

  onBody(bytes: Buffer): boolean {
    this.#options.trace.receive(bytes.length);
    const takesMore = this.#outgoing.upload.push(bytes);
    if (!takesMore) this.#attempt?.awaitRankDrain();
    return takesMore;
  }

  onBodyEnd(): void {
    this.#outgoing.upload.isComplete = true;
  }

  onClientDrain(): void {
    this.#attempt?.resume();
  }

  onClientGone(status?: number): void {
    if (this.#isOver) return;
    this.#options.trace.abort(status);
    this.#end();
  }

  onRankDrain(): void {
    this.#options.client.resumeBody();
  }

  onAnswer(chunk: Buffer): void {
    try {
      this.#pass(chunk);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#options.trace.noteRankError();
      this.#fail(this.#attempt!.slot, error.message);
    }
  }

  onLoss(loss: Loss): void {
    const { slot } = this.#attempt!;
    this.#attempt = undefined;
    if (loss.isOrderly && this.#download!.takeEnd()) return this.#complete();
    if (loss.mayHaveBegun) this.#outgoing = this.#options.later ?? this.#outgoing;
    if (loss.kind === "unreachable") return this.#onUnreachable(slot, loss.reason);
    const isOver = loss.kind === "closed" || loss.kind === "given up";
    this.#options.trace.noteRankError();
    if (isOver && this.#canRetry) return this.#retry(slot, loss.reason);
    this.#fail(slot, loss.reason);
  }

  /** It waits, and there may be a rank now. */
  onRankSign(_slot: number, lives: boolean): void {
    if (lives) this.#place();
  }

  /** It has waited for as long as it may. */
  onDeadline(): void {
    this.#refuseForWantOfRank(this.#context.servers.whyNoneLives());
  }

  get #canRetry(): boolean {
    return (
      this.#download!.canStartOver &&
      this.#outgoing.upload.isRepeatable &&
      isSafeToRepeat(this.#outgoing.head) &&
      this.#brokenCount + 1 < this.#context.limits.brokenTriesMax &&
      this.#takeRetry()
    );
  }

  #takeRetry(): boolean {
    const { retryBudget, metrics } = this.#context;
    const mayRetry = retryBudget.takeRetry();
    if (!mayRetry) metrics.refusedRetries.add();
    return mayRetry;
  }

  #place(): void {
    const { servers, table } = this.#context;
    const slot = servers.choose(this.#options.sessionKey, this.#tried.doubted);
    if (slot === -1) return this.#awaitRank();
    assert(table.living[slot] === 1);
    this.#stopWaiting();
    const { index: rank, authority } = table.addresses[slot]!;
    const { limits } = this.#context;
    const { client, requestId, trace } = this.#options;
    const { head } = this.#outgoing;
    const isFirst = this.#outgoing === this.#options.outgoing;
    const prefillRank = isFirst ? this.#options.prefillRank : undefined;
    trace.ask(rank, prefillRank);
    const download = { client, request: head, requestId, limits, trace, rank, prefillRank };
    this.#download = new Download(download);
    const sending = this.#sending(this.#outgoing, authority);
    this.#attempt = new Attempt(this.#context, this, {
      slot,
      sending,
      again: this.#mayBeSentAgain ? this.#sendingAgain(sending, authority) : undefined,
      work: prefillRank === undefined ? "whole" : "decode",
      silenceMsMax: limits.rankSilenceMsMax,
    });
    this.#verdict = new AnswerVerdict(this.#context.health, slot);
    this.#attempt.start();
  }

  #sending({ head, upload }: Outgoing, authority: string): Sending {
    const { requestId } = this.#options;
    return { headText: requestHeadText(head, { authority, requestId }), upload };
  }

  get #mayBeSentAgain(): boolean {
    const { head, upload } = this.#outgoing;
    return isSafeToRepeat(head) && upload.staysRepeatable(head.bodyLength);
  }

  #sendingAgain(sending: Sending, authority: string): Sending {
    const { outgoing, later } = this.#options;
    const servesOnce = later !== undefined && this.#outgoing === outgoing;
    return servesOnce ? this.#sending(later, authority) : sending;
  }

  /** No rank is left: waits where there was one before, which is what a restart looks like. */
  #awaitRank(): void {
    const { servers, table, limits, deadlines, metrics } = this.#context;
    if (table.watchers.has(this)) return;
    if (this.deadlineMs === Infinity) this.deadlineMs = deadlines.nowMs + limits.rankWaitMsMax;
    const isFull = metrics.waitingRequests.value >= limits.waitingRequestsMax;
    const mayWait = servers.hasBeenUp && !isFull;
    if (!mayWait) return this.#refuseForWantOfRank(servers.whyNoneLives());
    metrics.waitingRequests.add(1);
    this.#options.trace.awaitRank();
    table.watchers.add(this);
    deadlines.watch(this);
  }

  #stopWaiting(): void {
    if (!this.#context.table.watchers.delete(this)) return;
    this.#context.metrics.waitingRequests.add(-1);
    this.#context.deadlines.forget(this);
  }

  #onUnreachable(slot: number, reason: string): void {
    const { health, limits } = this.#context;
    const { trace } = this.#options;
    trace.noteRankError();
    health.noteUnreachable(slot, reason);
    this.#tried.add(slot);
    if (++this.#unreachableCount === limits.connectTriesMax) {
      return this.#refuseForWantOfRank("too many ranks are unreachable");
    }
    trace.noteRetry("connect_failed");
    this.#place();
  }

  #retry(slot: number, reason: string): void {
    this.#brokenCount++;
    this.#tried.add(slot);
    this.#context.health.noteBroken(slot, reason);
    this.#options.trace.noteRetry("broke_off");
    this.#place();
  }

  #pass(chunk: Buffer): void {
    const download = this.#download!;
    const isFirst = download.byteCount === 0;
    download.take(chunk);
    if (!download.canStartOver) {
      this.#settle();
      this.#verdict!.take(chunk, download.head?.status);
    }
    if (isFirst && download.byteCount > 0) {
      this.#attempt!.noteFirstByte(download.isEventStream);
    }
    this.#options.trace.passOn(download.byteCount);
    if (download.isDone) this.#complete();
    else if (this.#options.client.isCongested) this.#attempt!.pause();
  }

  /** The rank's last byte has come. */
  #complete(): void {
    const download = this.#download!;
    const isUsable = download.leavesConnectionUsable && this.#outgoing.upload.isComplete;
    this.#verdict!.end(download.head?.status ?? 0);
    this.#attempt?.complete(isUsable);
    this.#attempt = undefined;
    this.#options.trace.complete();
    this.#end();
    this.#options.client.finish();
  }

  /** The rank failed this request after it may have begun on it. */
  #fail(slot: number, reason: string): void {
    const { table, health, onBroken } = this.#context;
    const { requestId, trace } = this.#options;
    const download = this.#download!;
    health.noteBroken(slot, reason);
    const message = `Cannot finish the request: rank ${table.addresses[slot]!.index} failed, ${reason}`;
    if (!download.hasWritten) {
      trace.fail(502);
      return this.#refuse(502, message);
    }
    onBroken(slot, requestId, reason);
    trace.breakOff();
    this.#end();
    download.breakOff(message);
  }

  #refuseForWantOfRank(why: string): void {
    this.#options.trace.refuse(503, "no_rank");
    this.#refuse(503, `Cannot serve the request: no rank is ready: ${why}`);
  }

  #refuse(status: number, message: string): void {
    this.#end();
    this.#options.client.refuse(status, message, status === 503 ? ["retry-after: 1"] : []);
  }

  /** The answer has begun: bodies need not be kept for another attempt. */
  #settle(): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#outgoing.upload.letGo();
    this.#options.later?.upload.letGo();
    this.#options.onSettled?.();
  }

  /** Gives everything back; whatever happens afterwards concerns this request no more. */
  #end(): void {
    assert(!this.#isOver);
    this.#isOver = true;
    this.#stopWaiting();
    this.#attempt?.cancel();
    this.#attempt = undefined;
    this.#settle();
    this.#options.onOver();
  }
}
