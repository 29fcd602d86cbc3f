import type { RankTable } from "../ranks/rank-table.ts";

/** How ranks are called in files: by their index, which stays the same when they come back at another slot. */
export interface RankNames {
  /** The index of the rank at this slot, -1 when there is none. */
  readonly indexOf: (slot: number) => number;
  /** The slot of the rank with this index, -1 when there is none. */
  readonly slotOf: (index: number) => number;
}

export function rankNamesOf(table: RankTable): RankNames {
  return {
    indexOf: (slot) => (table.isTaken(slot) ? table.addresses[slot]!.index : -1),
    slotOf: (index) => {
      for (const slot of table.slots()) if (table.addresses[slot]!.index === index) return slot;
      return -1;
    },
  };
}
