import type { RankAddress } from "./rank-address.ts";
import type { RankPool } from "./rank-pool.ts";
import type { RankTable } from "./rank-table.ts";

/** The pool of each rank, by slot: it opens with its rank and closes with it. */
export function keepPools(
  table: RankTable,
  open: (address: RankAddress) => RankPool,
): readonly RankPool[] {
  const pools: RankPool[] = [];
  const onRankAdded = (slot: number) => {
    pools[slot] = open(table.addresses[slot]!);
  };
  for (const slot of table.slots()) onRankAdded(slot);
  table.watchers.add({ onRankAdded, onRankRemoved: (slot) => pools[slot]?.close() });
  return pools;
}
