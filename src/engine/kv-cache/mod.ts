export type { BlockHash } from "./block-hash.ts";
export { BlockPool } from "./block-pool.ts";
export { blocksFor, BlockTable } from "./block-table.ts";
export { type CacheableSequence, PrefixCache } from "./prefix-cache.ts";
