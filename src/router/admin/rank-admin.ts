import type { Membership } from "../ranks/membership.ts";
import type { RankRole, RankStatus, RankTable } from "../ranks/rank-table.ts";

/** A rank with its load; what it counts is described at `RankMemory`. */
export interface RankListing extends RankStatus {
  readonly prefilling: number;
  readonly decoding: number;
  readonly streams: number;
}

export interface NewRank {
  readonly url: string;
  readonly role?: RankRole;
  /** Default: the lowest that no rank has, so that a rank in the place of one that left gets its sessions. */
  readonly index?: number;
}

/** The ranks as an administrator sees them: by URL. */
export class RankAdmin {
  readonly #table: RankTable;
  readonly #membership: Membership;

  constructor(table: RankTable, membership: Membership) {
    this.#table = table;
    this.#membership = membership;
  }

  list(): readonly RankListing[] {
    return Array.from(this.#table.slots(), (slot) => this.#listing(slot));
  }

  /**
   * Takes another rank in; undefined where there is one at this URL.
   * @throws PenstockError ROUTER_RANK_INVALID, ROUTER_RANK_NOT_ADDED
   */
  add({ url, role, index = this.#lowestFreeIndex() }: NewRank): RankListing | undefined {
    const slot = this.#slotAt(url);
    if (slot !== -1 && !this.#table.isDraining(slot)) return undefined;
    const rank = role === undefined ? { index, url } : { index, url, role };
    return this.#listing(this.#membership.add(rank));
  }

  /** The rank takes no new requests. Undefined where there is none at this URL. */
  drain(url: string): RankListing | undefined {
    return this.#change(url, (slot) => this.#membership.drain(slot));
  }

  /**
   * The rank goes when its requests are over, within a limited time, or else at once and they with it. Undefined where
   * there is none at this URL.
   */
  remove(url: string, options: { readonly isAtOnce: boolean }): RankListing | undefined {
    return this.#change(url, (slot) => this.#membership.remove(slot, options));
  }

  #change(url: string, action: (slot: number) => void): RankListing | undefined {
    const slot = this.#slotAt(url);
    if (slot === -1) return undefined;
    const before = this.#listing(slot);
    action(slot);
    return this.#table.isTaken(slot) ? this.#listing(slot) : before;
  }

  /** The slot of the rank there that stays, else of one that leaves; -1 without any. */
  #slotAt(url: string): number {
    const wanted = sameUrl(url);
    const slots = Array.from(this.#table.slots()).filter(
      (slot) => sameUrl(this.#table.addresses[slot]!.url) === wanted,
    );
    return slots.find((slot) => !this.#table.isDraining(slot)) ?? slots[0] ?? -1;
  }

  #lowestFreeIndex(): number {
    const taken = new Set(
      Array.from(this.#table.slots(), (slot) => this.#table.addresses[slot]!.index),
    );
    let index = 0;
    while (taken.has(index)) index++;
    return index;
  }

  #listing(slot: number): RankListing {
    const { prefilling, decoding, streams } = this.#table.memory;
    return {
      ...this.#table.statusOf(slot),
      prefilling: prefilling[slot]!,
      decoding: decoding[slot]!,
      streams: streams[slot]!,
    };
  }
}

/** One spelling for all of a URL: a slash at its end, capitals in the host or its scheme's own port say nothing. */
function sameUrl(url: string): string {
  return URL.canParse(url) ? new URL(url).href : url;
}
