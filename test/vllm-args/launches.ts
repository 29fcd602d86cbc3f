import { fileURLToPath } from "node:url";
import { vllmServe, type DataParallelLaunch } from "../../src/plan/vllm/mod.ts";

/** What vLLM makes of the data-parallel flags of one command: fields of its ParallelConfig. */
export interface ResolvedLaunch {
  readonly data_parallel_size: number;
  readonly data_parallel_size_local: number;
  readonly data_parallel_rank: number;
  readonly data_parallel_external_lb: boolean;
  readonly data_parallel_hybrid_lb: boolean;
}

interface LaunchCase {
  readonly launch: DataParallelLaunch;
  readonly isMoe: boolean;
  readonly wanted: ResolvedLaunch;
}

const meeting = { address: "127.0.0.1", rpcPort: 29_550 };
const internal = { data_parallel_external_lb: false, data_parallel_hybrid_lb: false };

/** Every launch pattern, and what it means to vLLM. */
export const launchCases: Readonly<Record<string, LaunchCase>> = {
  "one node": {
    launch: { pattern: "internal", size: 4 },
    isMoe: true,
    wanted: {
      data_parallel_size: 4,
      data_parallel_size_local: 4,
      data_parallel_rank: 0,
      ...internal,
    },
  },
  "one endpoint for two nodes, first node": {
    launch: { pattern: "internal-nodes", size: 4, sizeLocal: 2, startRank: 0, ...meeting },
    isMoe: true,
    wanted: {
      data_parallel_size: 4,
      data_parallel_size_local: 2,
      data_parallel_rank: 0,
      ...internal,
    },
  },
  "one endpoint for two nodes, second node": {
    launch: { pattern: "internal-nodes", size: 4, sizeLocal: 2, startRank: 2, ...meeting },
    isMoe: true,
    wanted: {
      data_parallel_size: 4,
      data_parallel_size_local: 2,
      data_parallel_rank: 2,
      ...internal,
    },
  },
  "an endpoint for every node": {
    launch: { pattern: "hybrid", size: 8, sizeLocal: 4, startRank: 4, ...meeting },
    isMoe: true,
    wanted: {
      data_parallel_size: 8,
      data_parallel_size_local: 4,
      data_parallel_rank: 4,
      ...internal,
      data_parallel_hybrid_lb: true,
    },
  },
  "an endpoint for every rank": {
    launch: { pattern: "external", size: 8, rank: 5, ...meeting },
    isMoe: true,
    wanted: {
      data_parallel_size: 8,
      data_parallel_size_local: 1,
      data_parallel_rank: 5,
      ...internal,
      data_parallel_external_lb: true,
    },
  },
  "an endpoint for every rank of a dense model": {
    launch: { pattern: "external", size: 8, rank: 5, ...meeting },
    isMoe: false,
    wanted: {
      data_parallel_size: 1,
      data_parallel_size_local: 1,
      data_parallel_rank: 0,
      ...internal,
    },
  },
};

/** The words of one launch for a tiny checkpoint of this repository, which vLLM can read without a GPU. */
export function launchArgv({ launch, isMoe }: LaunchCase, version: string): readonly string[] {
  const folder = isMoe ? "qwen3-moe" : "llama";
  const model = fileURLToPath(new URL(`../truth/${folder}`, import.meta.url));
  const { argv } = vllmServe({
    version,
    model,
    isMoe,
    port: 8000,
    launch,
    dtype: "float32",
    enforceEager: true,
    maxModelLen: 64,
    vllmExtra: { skip_tokenizer_init: true },
  });
  return argv.slice(2);
}
