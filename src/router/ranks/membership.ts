import assert from "node:assert/strict";
import type { Logger } from "../../telemetry/mod.ts";
import type { Cancel, Clock } from "../net/clock.ts";
import type { RankOption, RankTable } from "./rank-table.ts";

export interface MembershipOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long a rank that is removed may go on with the requests that it has. */
  readonly rankLeaveMsMax: number;
}

/**
 * Which ranks there are, while the router runs. A rank that leaves takes no new requests; when it has none left, or may
 * go on no longer, its slot becomes empty. Of the first thread.
 */
export class Membership {
  readonly #table: RankTable;
  readonly #options: MembershipOptions;
  /** Ranks that are to be removed, by slot, and until when they may go on. */
  readonly #leaving = new Map<number, number>();
  /** Empty slots that had a rank, in the order in which they lost it, and when that was. */
  readonly #empty = new Map<number, number>();
  #stopTimer: Cancel | undefined;

  constructor(table: RankTable, options: MembershipOptions) {
    this.#table = table;
    this.#options = options;
  }

  /**
   * Gives the rank's slot. It takes requests once its health checks find it ready.
   * @throws PenstockError ROUTER_RANK_INVALID, ROUTER_RANK_NOT_ADDED
   */
  add(rank: RankOption): number {
    const slot = this.#findSlot();
    this.#table.add(rank, slot);
    this.#empty.delete(slot);
    this.#options.logger.info("Rank was added", { rank: rank.index, url: rank.url });
    return slot;
  }

  /** The slot of the rank with this index that is not on its way out, else of one that is; -1 without any. */
  slotOf(index: number): number {
    const slots = Array.from(this.#table.slots()).filter(
      (slot) => this.#table.addresses[slot]!.index === index,
    );
    return slots.find((slot) => !this.#table.isDraining(slot)) ?? slots[0] ?? -1;
  }

  /** The rank takes no new requests; it stays until it is removed. */
  drain(slot: number): void {
    assert(this.#table.isTaken(slot));
    if (this.#table.isDraining(slot)) return;
    this.#table.drain(slot);
    this.#options.logger.info("Rank takes no new requests", this.#describe(slot));
  }

  /**
   * The rank takes no new requests and is gone when it has none left, or after a time limit; or at once, with the
   * requests that it has.
   */
  remove(slot: number, { isAtOnce = false }: { readonly isAtOnce?: boolean } = {}): void {
    this.drain(slot);
    if (this.#leaving.has(slot) && !isAtOnce) return;
    const limitMs = isAtOnce ? 0 : this.#options.rankLeaveMsMax;
    this.#leaving.set(slot, this.#options.clock.nowMs() + limitMs);
    this.#stopTimer ??= this.#options.clock.every(lookIntervalMs, () => this.#look());
    this.#look();
  }

  close(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  #look(): void {
    const nowMs = this.#options.clock.nowMs();
    for (const [slot, deadlineMs] of this.#leaving) {
      const isIdle = Atomics.load(this.#table.inFlight, slot) === 0;
      if (!isIdle && nowMs < deadlineMs) continue;
      this.#leaving.delete(slot);
      this.#options.logger.info("Rank was removed", this.#describe(slot));
      this.#table.remove(slot);
      this.#empty.set(slot, nowMs);
    }
    if (this.#leaving.size === 0) this.close();
  }

  /** An empty slot that nothing refers to any more, else the next one that never had a rank. */
  #findSlot(): number {
    const restedSinceMs = this.#options.clock.nowMs() - slotRestMsMin;
    for (const [slot, emptyMs] of this.#empty) {
      if (emptyMs > restedSinceMs) break; // Those behind it are empty for less long.
      if (Atomics.load(this.#table.inFlight, slot) === 0) return slot;
    }
    return this.#table.count;
  }

  #describe(slot: number) {
    const { index, url } = this.#table.addresses[slot]!;
    return { rank: index, url, inFlight: this.#table.inFlight[slot]! };
  }
}

/** How often it looks whether ranks that leave have requests. */
const lookIntervalMs = 100;

/** Until an empty slot gets another rank: other threads hear of it much sooner, and end what they have there. */
const slotRestMsMin = 60_000;
