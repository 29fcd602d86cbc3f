import assert from "node:assert/strict";
import { PenstockError } from "../../errors/mod.ts";
import type { RankView } from "../choose/policy.ts";
import { parseRankAddress, type RankAddress } from "./rank-address.ts";
import { type HealthSign, initialHealth, nextHealth, type RankHealth } from "./rank-health.ts";

export interface RankStatus {
  readonly index: number;
  readonly url: string;
  readonly state: RankHealth["state"];
  /** Why it is not up; empty while it is. */
  readonly reason: string;
  /** Requests between choice and last byte. */
  readonly inFlight: number;
}

/**
 * All ranks by slot, their position here. What policies read per request lies in flat arrays; leases are the only
 * writers of the load, health signs the only writers of who lives.
 */
export class RankTable implements RankView {
  readonly addresses: readonly RankAddress[];
  readonly living: Uint8Array;
  readonly inFlight: Uint32Array;
  livingCount = 0;
  inFlightCount = 0;
  readonly #health: RankHealth[];

  /** @throws PenstockError ROUTER_RANKS_INVALID, ROUTER_RANK_INVALID */
  constructor(ranks: readonly { readonly index: number; readonly url: string }[]) {
    if (ranks.length === 0) {
      throw new PenstockError("ROUTER_RANKS_INVALID", { reason: "it has no ranks to route to" });
    }
    this.addresses = ranks.map(parseRankAddress);
    const indexes = new Set(ranks.map(({ index }) => index));
    if (indexes.size !== ranks.length) {
      throw new PenstockError("ROUTER_RANKS_INVALID", { reason: "two ranks share an index" });
    }
    this.living = new Uint8Array(ranks.length);
    this.inFlight = new Uint32Array(ranks.length);
    this.#health = ranks.map(() => initialHealth);
  }

  get count(): number {
    return this.addresses.length;
  }

  health(slot: number): RankHealth {
    const health = this.#health[slot];
    assert(health !== undefined);
    return health;
  }

  /** Takes a sign in. Gives true when the rank came up or went out of use by it. */
  note(slot: number, sign: HealthSign, failuresMax: number): boolean {
    const health = nextHealth(this.health(slot), sign, failuresMax);
    this.#health[slot] = health;
    const lives = health.state === "up" ? 1 : 0;
    if (this.living[slot] === lives) return false;
    this.living[slot] = lives;
    this.livingCount += lives === 1 ? 1 : -1;
    assert(this.livingCount >= 0 && this.livingCount <= this.count);
    return true;
  }

  status(): readonly RankStatus[] {
    return this.addresses.map(({ index, url }, slot) => {
      const { state, reason } = this.health(slot);
      return { index, url, state, reason, inFlight: this.inFlight[slot]! };
    });
  }

  /** Why no rank can take a request: one clause a rank, the first few of many. */
  whyNoneLives(): string {
    const clauses = this.status()
      .slice(0, ranksNamedMax)
      .map(({ index, state, reason }) => `rank ${index} is ${state} (${reason})`);
    const rest = this.count - clauses.length;
    return rest > 0 ? `${clauses.join(", ")} and ${rest} more` : clauses.join(", ");
  }
}

const ranksNamedMax = 8;
