import type { Config } from "../../config/mod.ts";
import type { Inventory } from "../inventory.ts";
import { type Flags, toWords } from "./flags.ts";

/** What the embedded engine takes where the configuration leaves it open. */
const maxNumSeqs = 64;
const maxNumBatchedTokens = 128;
const blockSize = 16;

/** Where one rank listens, and what it computes with. */
export interface RankAddress {
  readonly rank: number;
  readonly host: string;
  readonly port: number;
  /** Ranks of its machine, which share the cores there; how many these are is known where they start. */
  readonly machineRankCount: number;
  /** Null where prefill and decode are not apart. */
  readonly handover: Handover | null;
}

/** How a rank hands KV blocks over to ranks of the other role. */
export interface Handover {
  readonly kvRole: "kv_producer" | "kv_consumer" | "kv_both";
  /** Where it listens for those who fetch blocks, and is reached by them. */
  readonly host: string;
  readonly port: number;
  /** How long blocks are kept for somebody who does not fetch them. */
  readonly leaseSeconds: number;
  /** What becomes of a request whose blocks do not arrive. */
  readonly loadFailurePolicy: "recompute" | "fail";
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
      "--machine-ranks": address.machineRankCount,
      ...handoverFlags(address.handover),
      "--log-level": config.log.level,
    }),
    ...(config.enable_prefix_caching === false ? ["--no-enable-prefix-caching"] : []),
  ];
}

function handoverFlags(handover: Handover | null): Flags {
  if (handover === null) return {};
  return {
    "--kv-role": handover.kvRole,
    "--kv-side-channel-host": handover.host,
    "--kv-side-channel-port": handover.port,
    "--kv-lease-duration": handover.leaseSeconds,
    "--kv-load-failure-policy": handover.loadFailurePolicy,
  };
}

/** Names that clients may use, the first one to be shown. */
export function servedModelNames(config: Config): readonly string[] {
  return config.served_model_name.length > 0 ? config.served_model_name : [config.model.name];
}

/** An equal share of the cores; the engine takes fewer threads for a small model. */
export function coresPerRank(coreCount: number, rankCount: number): number {
  return Math.max(1, Math.floor(coreCount / rankCount));
}
