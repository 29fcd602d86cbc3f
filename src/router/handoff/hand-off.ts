import assert from "node:assert/strict";
import type { Request, RequestClient } from "../accept/request.ts";
import { openBody } from "../http1/open-body.ts";
import type { BodyCursor } from "../http1/body-cursor.ts";
import type { RequestHead } from "../http1/request-head.ts";
import type { RefusalReason } from "../observe/outcomes.ts";
import type { RequestTrace } from "../observe/request-trace.ts";
import { Exchange, type Outgoing } from "../relay/exchange.ts";
import { Upload } from "../relay/upload.ts";
import { GatheredBytes } from "../../base/mod.ts";
import type { HandOffContext } from "./hand-off-context.ts";
import type { HandOffOutcome } from "./hand-off-outcome.ts";
import { type GenerationRoute, type HandOffPlan, planHandOff } from "./plan-hand-off.ts";
import { Prefill, type PrefillResult } from "./prefill.ts";
import { JsonFault } from "./scan-json.ts";

export interface HandOffOptions {
  readonly client: RequestClient;
  readonly head: RequestHead;
  readonly route: GenerationRoute;
  readonly requestId: string;
  readonly trace: RequestTrace;
  /** The request is over and everything given back. Called exactly once. */
  readonly onOver: () => void;
}

/**
 * One generation where prefill and decode are apart:
 *
 *     body -> prefill leg -> decode leg
 *        \________________/^    where the decode rank must, or had better, compute the prompt itself
 *
 * What a prefill rank refuses, the decode rank refuses too, and in the words that fit: it has seen the request as the
 * client sent it. The decode leg is an ordinary exchange with a decode rank, whose answer goes to the client as it is. Its
 * `cached_tokens` count what came from the prefill rank as well as what was cached there, which only the prefill
 * rank's answer could tell apart.
 */
export class HandOff implements Request {
  readonly #context: HandOffContext;
  readonly #options: HandOffOptions;
  readonly #cursor: BodyCursor;
  readonly #body = new GatheredBytes();
  /** Of the body, taken from the budget. */
  #byteCount = 0;
  #sessionKey: string | undefined;
  #prefill: Prefill | undefined;
  #exchange: Exchange | undefined;
  #isOver = false;

  constructor(context: HandOffContext, options: HandOffOptions) {
    this.#context = context;
    this.#options = options;
    this.#cursor = openBody(options.head.bodyLength, wholeBody);
  }

  /** False when the request is answered already. */
  start(): boolean {
    this.#options.trace.gather();
    const { bodyLength } = this.#options.head;
    if (typeof bodyLength === "number" && bodyLength > this.#bytesMax) this.#refuseTooLong();
    return !this.#isOver;
  }

  onBody(bytes: Buffer): boolean {
    this.#options.trace.receive(bytes.length);
    this.#cursor.advance(bytes, 0, (from, to) => this.#keep(bytes.subarray(from, to)));
    return true;
  }

  onBodyEnd(): void {
    if (this.#isOver) return;
    const body = this.#body.take();
    this.#sessionKey = this.#sessionKeyOf(body);
    try {
      this.#begin(planHandOff(this.#options.route, body));
    } catch (error) {
      if (!(error instanceof JsonFault)) throw error;
      this.#count("invalid");
      this.#refuse(
        400,
        "bad_request",
        `Cannot read the request: its body is no JSON object: ${error.message}`,
      );
    }
  }

  onClientDrain(): void {
    this.#exchange?.onClientDrain();
  }

  onClientGone(status?: number): void {
    if (this.#exchange !== undefined) return this.#exchange.onClientGone(status);
    if (this.#isOver) return;
    this.#prefill?.cancel();
    this.#count("client_gone");
    this.#options.trace.abort(status);
    this.#end();
  }

  #sessionKeyOf(body: Buffer): string | undefined {
    const { sessionKeys } = this.#context;
    const { head } = this.#options;
    const key = sessionKeys.ofHeaders(head.headers);
    const reader = key === undefined ? sessionKeys.readerOfBody(head) : undefined;
    reader?.push(body);
    reader?.end();
    return key ?? reader?.key;
  }

  get #bytesMax(): number {
    return this.#context.limits.handOffBodyBytesMax;
  }

  #keep(part: Buffer): void {
    if (this.#isOver) return;
    if (this.#byteCount + part.length > this.#bytesMax) return this.#refuseTooLong();
    if (!this.#context.bodyBudget.take(part.length)) {
      this.#count("too_large");
      return this.#refuse(
        503,
        "body_budget",
        "Cannot serve the request: there is no room for its body",
      );
    }
    this.#byteCount += part.length;
    this.#body.push(part);
  }

  #begin(plan: HandOffPlan): void {
    const { servers } = this.#context;
    const why = plan.aloneBecause ?? (servers.livingCount === 0 ? "no_decode_rank" : undefined);
    if (why !== undefined) return this.#decodeAlone(plan, why);
    const { head, requestId, trace } = this.#options;
    const onResult = (result: PrefillResult) => this.#onPrefilled(plan, result);
    this.#prefill = new Prefill(this.#context, {
      head,
      body: plan.prefillBody(),
      sessionKey: this.#sessionKey,
      requestId,
      trace,
      onResult,
    });
    this.#prefill.start();
  }

  #onPrefilled(plan: HandOffPlan, result: PrefillResult): void {
    this.#prefill = undefined;
    if (result.kind !== "done") return this.#decodeAlone(plan, result.kind);
    this.#count("done");
    // The prefill rank gives its blocks away once: after a decode rank that may have pulled them, the next computes.
    const handed = this.#outgoing(plan.decodeBody(result.params));
    this.#decode(handed, { later: this.#outgoing(plan.decodeBody()), prefillRank: result.rank });
  }

  #decodeAlone(plan: HandOffPlan, why: HandOffOutcome): void {
    this.#count(why);
    this.#decode(this.#outgoing(plan.decodeBody()), {});
  }

  #outgoing(body: readonly Buffer[]): Outgoing {
    const bodyLength = body.reduce((count, { length }) => count + length, 0);
    return { head: { ...this.#options.head, bodyLength }, upload: Upload.of(body) };
  }

  #decode(
    outgoing: Outgoing,
    handed: { readonly later?: Outgoing; readonly prefillRank?: number },
  ): void {
    const { client, requestId, trace, onOver } = this.#options;
    this.#exchange = new Exchange(this.#context, {
      client,
      requestId,
      outgoing,
      sessionKey: this.#sessionKey,
      ...handed,
      trace,
      onSettled: () => this.#giveRoomBack(),
      onOver,
    });
    this.#exchange.start();
  }

  #refuseTooLong(): void {
    this.#count("too_large");
    this.#refuse(
      413,
      "body_too_large",
      `Cannot take the body: it is longer than ${this.#bytesMax} bytes`,
    );
  }

  #refuse(status: number, reason: RefusalReason, message: string): void {
    this.#options.trace.refuse(status, reason);
    this.#end();
    this.#options.client.refuse(status, message, status === 503 ? ["retry-after: 1"] : []);
  }

  #count(outcome: HandOffOutcome): void {
    this.#context.metrics.ofHandOff(outcome).add();
  }

  /** Over before there was a decode leg, which ends the request otherwise. */
  #end(): void {
    assert(!this.#isOver);
    this.#isOver = true;
    this.#body.take();
    this.#giveRoomBack();
    this.#options.onOver();
  }

  #giveRoomBack(): void {
    this.#context.bodyBudget.giveBack(this.#byteCount);
    this.#byteCount = 0;
  }
}

/** The client's connection has checked the framing and the length by then. */
const wholeBody = { payloadBytesMax: Infinity, allowsTrailers: false };
