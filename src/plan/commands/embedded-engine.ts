import type { Config } from "../../config/mod.ts";
import type { Inventory } from "../inventory.ts";
import { toWords } from "./flags.ts";

/** What the embedded engine takes where the configuration leaves it open. */
const maxNumSeqs = 64;
const maxNumBatchedTokens = 128;
const blockSize = 16;

/** Where one rank listens, and what it computes with. */
export interface RankAddress {
  readonly rank: number;
  readonly host: string;
  readonly port: number;
  /** Cores that its compute threads may use. */
  readonly cores: number;
}

/** The command of one rank of the embedded engine; flags that vLLM has are called what vLLM calls them. */
export function embeddedEngineCommand(
  config: Config,
  inventory: Inventory,
  address: RankAddress,
): readonly string[] {
  return [
    ...inventory.penstockCommand,
    "engine",
    inventory.modelDirectory,
    ...toWords({
      "--host": address.host,
      "--port": address.port,
      "--data-parallel-rank": address.rank,
      "--served-model-name": servedModelNames(config),
      "--dtype": config.model.dtype,
      "--max-model-len": config.model.max_model_len,
      "--max-num-seqs": config.max_num_seqs ?? maxNumSeqs,
      "--max-num-batched-tokens":
        config.max_num_batched_tokens ??
        Math.max(maxNumBatchedTokens, config.max_num_seqs ?? maxNumSeqs),
      "--block-size": config.block_size ?? blockSize,
      "--kv-cache-memory-bytes": config.kv_cache_memory_bytes,
      "--seed": config.seed,
      "--threads": config.embedded.threads,
      "--cores": address.cores,
      "--log-level": config.log.level,
    }),
  ];
}

/** Names that clients may use, the first one to be shown. */
export function servedModelNames(config: Config): readonly string[] {
  return config.served_model_name.length > 0 ? config.served_model_name : [config.model.name];
}

/** An equal share of the cores; the engine takes fewer threads for a small model. */
export function coresPerRank(coreCount: number, rankCount: number): number {
  return Math.max(1, Math.floor(coreCount / rankCount));
}
