import assert from "node:assert/strict";
import type { Request, RequestClient } from "../accept/request.ts";
import type { RouterLimits } from "../limits.ts";
import type { Cancel, Clock } from "../net/clock.ts";
import { AnswerTape, type TapeOwner } from "./idempotency-tape.ts";

export interface IdempotencyEntryContext {
  readonly clock: Clock;
  readonly limits: RouterLimits;
  readonly isDraining: () => boolean;
  readonly takeRoom: (byteCount: number) => boolean;
  readonly giveRoomBack: (byteCount: number) => void;
  readonly onForgotten: () => void;
}

/**
 * One key:
 *
 *     running <-> held -> forgotten       held: without a client
 *        \----------/---> kept -> forgotten
 */
export class IdempotencyEntry implements TapeOwner {
  /** Of the whole request; undefined until its body has come. */
  digest: string | undefined;
  isWhole = false;
  readonly tape: AnswerTape;
  readonly request: Request;
  readonly #context: IdempotencyEntryContext;
  #isForgotten = false;
  #cancelTimer: Cancel | undefined;

  constructor(
    client: RequestClient,
    open: (client: RequestClient) => Request,
    context: IdempotencyEntryContext,
  ) {
    this.#context = context;
    this.tape = new AnswerTape(client, this, context.limits.idempotentAnswerBytesMax);
    this.request = open(this.tape);
  }

  get hasClient(): boolean {
    return this.tape.hasClient;
  }

  /** The client that listened has left, or was answered with this status since it broke the protocol. */
  leave(status?: number): void {
    if (this.#isForgotten || this.isWhole) return;
    const mayComeAgain = this.digest !== undefined && !this.#context.isDraining();
    if (!mayComeAgain) return this.forget(status);
    if (!this.tape.isPlayable) return this.forget();
    this.tape.detach();
    const { clock, limits } = this.#context;
    this.#cancelTimer = clock.after(limits.idempotencyHoldMsMax, () => this.forget());
    this.request.onClientDrain(); // Whoever was behind holds it up no longer.
  }

  join(client: RequestClient): void {
    assert(!this.#isForgotten);
    if (this.isWhole) return this.tape.attach(client);
    this.#stopTimer();
    this.tape.attach(client);
    this.request.onClientDrain(); // The client before this one may have been behind.
  }

  /** Ends the request, where it has not ended, and lets the answer go. */
  forget(status?: number): void {
    if (this.#isForgotten) return;
    this.#isForgotten = true;
    this.#stopTimer();
    this.tape.erase();
    this.#context.onForgotten();
    if (!this.isWhole) this.request.onClientGone(status);
  }

  takeRoom(byteCount: number): boolean {
    return this.#context.takeRoom(byteCount);
  }

  giveRoomBack(byteCount: number): void {
    this.#context.giveRoomBack(byteCount);
  }

  onWhole(): void {
    this.isWhole = true;
    this.#stopTimer();
    const { status, isPlayable } = this.tape;
    const isKept = isFinal(status) && isPlayable && !this.#context.isDraining();
    if (!isKept || this.digest === undefined) return this.forget();
    const { clock, limits } = this.#context;
    this.#cancelTimer = clock.after(limits.idempotencyKeepMs, () => this.forget());
  }

  onFailed(): void {
    this.isWhole = true; // The request is over, and nothing of it is worth keeping.
    this.forget();
  }

  /** The request writes at this moment: it ends in the next turn. */
  onUnwanted(): void {
    this.#stopTimer();
    this.#cancelTimer = this.#context.clock.after(0, () => this.forget());
  }

  #stopTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }
}

/** Whether an answer would be the same another time; what a client may well try again is not. */
function isFinal(status: number): boolean {
  return status < 500 && status !== 408 && status !== 409 && status !== 429;
}
