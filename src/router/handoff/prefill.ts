import assert from "node:assert/strict";
import { Refusal } from "../http1/refusal.ts";
import type { RequestHead } from "../http1/request-head.ts";
import type { RequestTrace } from "../observe/request-trace.ts";
import { TriedRanks } from "../ranks/tried-ranks.ts";
import { AnswerVerdict } from "../relay/answer-verdict.ts";
import { Attempt, type AttemptUser, type Loss } from "../relay/attempt.ts";
import { requestHeadText } from "../relay/forwarded-head.ts";
import { Upload } from "../relay/upload.ts";
import type { HandOffContext } from "./hand-off-context.ts";
import { readParams } from "./read-params.ts";
import { WholeAnswer } from "./whole-answer.ts";

/** How the prefill leg of a request came out; `rank` is an index. */
export type PrefillResult =
  | { readonly kind: "done"; readonly params: Buffer; readonly rank: number }
  /** "refused": the rank says that the request is wrong, and so would any other. */
  | { readonly kind: "no_params" | "refused" | "prefill_failed" | "no_prefill_rank" };

export interface PrefillOptions {
  /** The client's head; the length in it is not that of the body. */
  readonly head: RequestHead;
  readonly body: readonly Buffer[];
  readonly sessionKey: string | undefined;
  readonly requestId: string;
  readonly trace: RequestTrace;
  /** Called once, unless it is cancelled before. */
  readonly onResult: (result: PrefillResult) => void;
}

/**
 * The prefill leg of one request: asks prefill ranks, one after the other where they fail, until one answers. A rank
 * that goes down while it has the request counts as failed at once, so that a rank that hangs, or whose network is
 * cut, holds the request no longer than its health checks take.
 */
export class Prefill implements AttemptUser {
  readonly #context: HandOffContext;
  readonly #options: PrefillOptions;
  readonly #head: RequestHead;
  readonly #upload: Upload;
  readonly #tried: TriedRanks;
  #answer: WholeAnswer;
  #attempt: Attempt | undefined;
  #beganAtMs = 0;
  #failureCount = 0;

  constructor(context: HandOffContext, options: PrefillOptions) {
    this.#context = context;
    this.#options = options;
    const bodyLength = options.body.reduce((count, { length }) => count + length, 0);
    this.#head = { ...options.head, bodyLength };
    this.#upload = Upload.of(options.body);
    this.#tried = new TriedRanks(context.table);
    this.#answer = new WholeAnswer(context.limits);
  }

  start(): void {
    this.#place();
  }

  /** Its client is gone; the rank hears of it. */
  cancel(): void {
    this.#attempt?.cancel();
    this.#attempt = undefined;
  }

  onRankDrain(): void {
    // The whole body is in the connection's hands: there is nobody to be told.
  }

  onAnswer(chunk: Buffer): void {
    try {
      this.#answer.take(chunk);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return this.#giveUp(error.message);
    }
    if (!this.#answer.isDone) return;
    const { slot } = this.#attempt!;
    this.#attempt!.complete(this.#answer.leavesConnectionUsable);
    this.#attempt = undefined;
    this.#judge(slot);
  }

  onLoss(loss: Loss): void {
    const { slot } = this.#attempt!;
    this.#attempt = undefined;
    if (loss.isOrderly && this.#answer.takeEnd()) return this.#judge(slot);
    if (loss.kind === "unreachable") this.#context.health.noteUnreachable(slot, loss.reason);
    else this.#context.health.noteBroken(slot, loss.reason);
    this.#onFailure(slot, loss.reason);
  }

  #place(): void {
    const { prefill, table, limits } = this.#context;
    const slot = prefill.choose(this.#options.sessionKey, this.#tried.doubted);
    if (slot === -1) {
      return this.#options.onResult({
        kind: this.#failureCount > 0 ? "prefill_failed" : "no_prefill_rank",
      });
    }
    const { requestId, trace } = this.#options;
    const { index: rank, authority } = table.addresses[slot]!;
    trace.askPrefill(rank);
    this.#beganAtMs = this.#context.clock.nowMs();
    this.#answer = new WholeAnswer(limits);
    const headText = requestHeadText(this.#head, { authority, requestId });
    const sending = { headText, upload: this.#upload };
    this.#attempt = new Attempt(this.#context, this, {
      slot,
      sending,
      again: sending,
      work: "prefill",
      silenceMsMax: limits.prefillSilenceMsMax,
      endsWhenDown: true,
    });
    this.#attempt.start();
  }

  /** A whole answer has come. */
  #judge(slot: number): void {
    const { head } = this.#answer;
    assert(head !== undefined);
    const { clock, metrics } = this.#context;
    metrics.prefillSeconds.observe((clock.nowMs() - this.#beganAtMs) / 1_000);
    const rank = this.#context.table.addresses[slot]!.index;
    const { onResult } = this.#options;
    const body = this.#answer.takeBody();
    this.#noteAnswer(slot, head.status, body);
    if (head.status >= 400 && head.status < 500) return onResult({ kind: "refused" });
    if (head.status !== 200) return this.#onFailure(slot, `it answered ${head.status}`);
    const params = readParams(body);
    onResult(params === undefined ? { kind: "no_params" } : { kind: "done", params, rank });
  }

  #giveUp(reason: string): void {
    const { slot } = this.#attempt!;
    this.#attempt!.cancel();
    this.#attempt = undefined;
    this.#context.health.noteBroken(slot, reason);
    this.#onFailure(slot, reason);
  }

  #noteAnswer(slot: number, status: number, body: Buffer): void {
    const verdict = new AnswerVerdict(this.#context.health, slot);
    verdict.take(body, status);
    verdict.end(status);
  }

  #takeRetry(): boolean {
    const { retryBudget, metrics } = this.#context;
    const mayRetry = retryBudget.takeRetry();
    if (!mayRetry) metrics.refusedRetries.add();
    return mayRetry;
  }

  #onFailure(slot: number, reason: string): void {
    this.#context.onPrefillFailed(slot, this.#options.requestId, reason);
    this.#options.trace.noteRankError();
    this.#tried.add(slot);
    if (++this.#failureCount === this.#context.limits.prefillTriesMax || !this.#takeRetry()) {
      return this.#options.onResult({ kind: "prefill_failed" });
    }
    this.#options.trace.noteRetry("prefill_failed");
    this.#place();
  }
}
