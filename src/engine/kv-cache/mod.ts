export { BlockPool } from "./block-pool.ts";
export { blocksFor, BlockTable } from "./block-table.ts";
