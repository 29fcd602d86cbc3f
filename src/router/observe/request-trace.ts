import type { ResponseHead } from "../http1/response-head.ts";
import type { AccessRecord } from "./access-record.ts";
import type { Observer } from "./observer.ts";
import {
  type Outcome,
  reasonOfStatus,
  type RefusalReason,
  type RequestPhase,
  type RetryReason,
} from "./outcomes.ts";
import { countStatus, type RouteMetrics } from "./router-metrics.ts";
import { UsageReader } from "./usage-reader.ts";

/** A request as its head tells it. */
export interface TracedRequest {
  readonly requestId: string;
  readonly clientAddress: string | undefined;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
}

/**
 * What is seen of one request, from its head to its end: each event is one call, which counts it and keeps what the access
 * log tells. Ends exactly once, by {@linkcode end} or {@linkcode refuse}.
 */
export class RequestTrace implements AccessRecord {
  readonly requestId: string;
  readonly clientAddress: string | undefined;
  readonly method: string;
  readonly path: string;
  sessionKey: string | undefined = undefined;
  status = -1;
  outcome: Outcome = "done";
  refusalReason: RefusalReason | undefined = undefined;
  rank = -1;
  prefillRank = -1;
  tries = 0;
  receivedByteCount = 0;
  sentByteCount = 0;
  readonly beganAtMs: number;
  endedAtMs = -1;
  queuedMs = -1;
  firstByteMs = -1;
  promptTokens = -1;
  completionTokens = -1;
  cachedTokens = -1;
  readonly #observer: Observer;
  readonly #route: RouteMetrics;
  #phase: RequestPhase = "first_byte";
  #reader: UsageReader | undefined = undefined;
  #isStream = false;
  #hasContent = false;
  /** Of the last read of an event stream. */
  #readAtMs = 0;

  constructor(observer: Observer, route: RouteMetrics, request: TracedRequest) {
    this.#observer = observer;
    this.#route = route;
    this.requestId = request.requestId;
    this.clientAddress = request.clientAddress;
    this.method = request.method;
    this.path = request.path;
    this.beganAtMs = observer.clock.nowMs();
  }

  /** It waits for a place in the router. */
  queue(): void {
    this.#phase = "queue";
    this.#observer.metrics.queuedRequests.add(1);
  }

  /** It has its place. */
  admit(): void {
    if (this.#phase !== "queue") return;
    this.#leaveQueue();
    this.#phase = "first_byte";
  }

  /** Its body is kept until it is there as a whole. */
  gather(): void {
    this.#phase = "body";
  }

  /** All ranks are down. */
  awaitRank(): void {
    this.#phase = "rank";
  }

  /** A prefill rank is asked. */
  askPrefill(rank: number): void {
    this.#phase = "prefill";
    this.prefillRank = rank;
    this.#observer.metrics.rankCounts.of(rank).requestCount++;
  }

  /** A rank is asked for the answer, whose prompt was computed by the other one, if any. */
  ask(rank: number, prefillRank = -1): void {
    this.#phase = "first_byte";
    this.rank = rank;
    this.prefillRank = prefillRank;
    this.tries++;
    this.#observer.metrics.rankCounts.of(rank).requestCount++;
  }

  /** The rank that was asked failed. */
  noteRankError(): void {
    const rank = this.#phase === "prefill" ? this.prefillRank : this.rank;
    if (rank !== -1) this.#observer.metrics.rankCounts.of(rank).errorCount++;
  }

  noteRetry(reason: RetryReason): void {
    this.#observer.metrics.retries[reason].add();
  }

  /** Bytes of the request's body came. */
  receive(byteCount: number): void {
    this.receivedByteCount += byteCount;
    this.#observer.metrics.receivedBytes.add(byteCount);
  }

  /**
   * The head of a rank's answer came; `isStream` says that it is a stream of events. Gives whether
   * {@linkcode readContent} wants to see what comes.
   */
  beginAnswer(head: ResponseHead, isStream: boolean): boolean {
    this.status = head.status;
    this.#isStream = isStream;
    this.#hasContent = false;
    this.#reader?.finish(false);
    const mayTell = head.bodyLength !== 0 && (isStream || mayTellUsage(head));
    this.#reader = mayTell ? new UsageReader(isStream) : undefined;
    return this.#reader !== undefined;
  }

  /** Content of the answer, without framing: `chunk[from..to)`. */
  readContent(chunk: Buffer, from: number, to: number): void {
    this.#reader?.take(chunk, from, to);
    this.#hasContent ||= !this.#isStream || hasData(chunk, from, to);
  }

  /** All of one read of the answer has gone to the client; `byteCount` is that of the body so far. */
  passOn(byteCount: number): void {
    this.sentByteCount = byteCount;
    if (this.firstByteMs === -1) {
      if (byteCount > 0 && (this.#hasContent || !this.#isStream)) this.#noteFirstByte();
    } else if (this.#isStream) {
      const nowMs = this.#observer.clock.nowMs();
      this.#observer.metrics.gapSeconds.observe((nowMs - this.#readAtMs) / 1_000);
      this.#readAtMs = nowMs;
    }
  }

  /** The answer is with the client, to its last byte. */
  complete(): void {
    this.#finish("done");
  }

  /**
   * The client left, stalled or broke the protocol; in the last case it was answered with this status, and
   * {@linkcode Observer.refuse} counted that.
   */
  abort(status?: number): void {
    this.#observer.metrics.clientAborts[this.#phase].add();
    if (status !== undefined) {
      this.status = status;
      this.refusalReason = reasonOfStatus(status);
    }
    this.#finish("client_gone");
  }

  /** The rank failed it, and the client was told so with this status. */
  fail(status: number): void {
    this.status = status;
    this.#finish("rank_failed");
  }

  /** The rank did not bring an answer to its end that the client has seen the beginning of. */
  breakOff(): void {
    this.#observer.metrics.brokenResponses.add();
    this.#finish("rank_failed");
  }

  /** The router answered with this status itself. */
  refuse(status: number, reason: RefusalReason): void {
    this.status = status;
    this.refusalReason = reason;
    this.#observer.metrics.refusals[reason].add();
    this.#finish("refused");
  }

  #noteFirstByte(): void {
    const nowMs = this.#observer.clock.nowMs();
    this.#phase = "answer";
    this.#readAtMs = nowMs;
    this.firstByteMs = nowMs - this.beganAtMs;
    this.#route.firstByteSeconds.observe(this.firstByteMs / 1_000);
  }

  #leaveQueue(): void {
    const { clock, metrics } = this.#observer;
    metrics.queuedRequests.add(-1);
    if (this.refusalReason === "queue_full") return; // It was never in it.
    this.queuedMs = clock.nowMs() - this.beganAtMs;
    metrics.queueSeconds.observe(this.queuedMs / 1_000);
  }

  #finish(outcome: Outcome): void {
    if (this.#phase === "queue") this.#leaveQueue();
    const { metrics } = this.#observer;
    this.outcome = outcome;
    this.endedAtMs = this.#observer.clock.nowMs();
    metrics.sentBytes.add(this.sentByteCount);
    if (outcome !== "client_gone") {
      countStatus(this.#route, this.status);
      this.#route.durationSeconds.observe((this.endedAtMs - this.beganAtMs) / 1_000);
    }
    if (this.#reader !== undefined) this.#noteUsage(this.#reader, outcome === "done");
    this.#observer.note(this);
  }

  #noteUsage(reader: UsageReader, isWhole: boolean): void {
    this.#reader = undefined;
    const usage = reader.finish(isWhole);
    if (usage === undefined) return;
    const { metrics } = this.#observer;
    metrics.answersWithUsage.add();
    this.promptTokens = usage.promptTokens;
    metrics.promptTokens.add(usage.promptTokens);
    this.completionTokens = usage.completionTokens;
    metrics.completionTokens.add(Math.max(0, usage.completionTokens));
    // Of a prompt that was handed over, the decode rank calls all cached, whatever the prefill rank had to compute.
    if (this.prefillRank !== -1) return;
    this.cachedTokens = usage.cachedTokens;
    metrics.cachedTokens.add(Math.max(0, usage.cachedTokens));
  }
}

function mayTellUsage({ status, headers }: ResponseHead): boolean {
  const isJson = status === 200 && json.test(headers.get("content-type") ?? "");
  return isJson && headers.get("content-encoding") === undefined;
}

const json = /^application\/json\s*(;|$)/i;

/** Whether an event's data begins there, as opposed to a comment that only keeps the connection open. */
function hasData(chunk: Buffer, from: number, to: number): boolean {
  const at = chunk.indexOf("data:", from, "latin1");
  return at !== -1 && at < to;
}
