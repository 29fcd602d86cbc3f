import type { DataParallelLaunch } from "./data-parallel.ts";
import type { KvEventsOptions } from "./kv-events.ts";
import type { KvCacheOffloadOptions } from "./kv-offload.ts";
import type { KvTransferOptions } from "./kv-transfer.ts";
import type { LoraOptions } from "./lora.ts";
import type { EplbConfig } from "./expert-parallel.ts";
import type { JsonTable } from "./flag-words.ts";

/**
 * Everything that one `vllm serve` process is told. Keys that have a flag are called as the flag; what is absent or
 * null is left to vLLM. An address may be the text "{node:3}", which a launcher replaces.
 */
export interface VllmServeOptions
  extends ModelOptions, ServerOptions, MemoryOptions, ParallelOptions, ProcessOptions {
  /** Version text as found or named; null takes the default of `vllmSupport`. */
  readonly version: string | null;
  /** The program and its subcommand; "vllm", "serve" unless told otherwise. */
  readonly command?: readonly string[];
  readonly lora?: LoraOptions | null;
  readonly kvTransfer?: KvTransferOptions | null;
  readonly kvCacheOffload?: KvCacheOffloadOptions | null;
  readonly kvEvents?: KvEventsOptions | null;
  /** "nccl", "ipc", …: how a trainer hands over new weights. */
  readonly weightTransferBackend?: string | null;
  /** Flags of vLLM by name, snake_case or kebab-case; a value may be a boolean, number, text, list or table. */
  readonly vllmExtra?: JsonTable;
}

interface ModelOptions {
  /** Directory or hub id. Prefill and decode need the very same text. */
  readonly model: string;
  /** Mixture of experts: decides what data parallelism may look like. */
  readonly isMoe: boolean;
  readonly servedModelNames?: readonly string[];
  readonly dtype?: string | null;
  readonly quantization?: string | null;
  readonly maxModelLen?: number | null;
  readonly enforceEager?: boolean | null;
  readonly trustRemoteCode?: boolean | null;
  readonly seed?: number | null;
}

interface ServerOptions {
  readonly host?: string | null;
  readonly port: number;
  readonly apiServerCount?: number | null;
  /** A name turns automatic tool choice on. */
  readonly toolCallParser?: string | null;
  readonly reasoningParser?: string | null;
  readonly chatTemplate?: string | null;
  readonly enableReturnRoutedExperts?: boolean | null;
  /** Whether tokens may be sent and received (/inference/v1/generate); true unless told otherwise. */
  readonly enableScaleOut?: boolean;
}

interface MemoryOptions {
  /** 0 to 1. */
  readonly gpuMemoryUtilization?: number | null;
  readonly kvCacheMemoryBytes?: number | null;
  readonly kvCacheDtype?: string | null;
  /** Tokens per block. */
  readonly blockSize?: number | null;
  readonly enablePrefixCaching?: boolean | null;
  readonly maxNumSeqs?: number | null;
  readonly maxNumBatchedTokens?: number | null;
}

export interface ParallelOptions {
  readonly tensorParallelSize?: number | null;
  readonly pipelineParallelSize?: number | null;
  /** Absent: one rank. */
  readonly launch?: DataParallelLaunch | null;
  readonly enableExpertParallel?: boolean | null;
  /** A name of this or another release; what it became is written, and told. */
  readonly all2allBackend?: string | null;
  readonly enableEplb?: boolean | null;
  readonly eplbConfig?: EplbConfig | null;
  readonly enableDbo?: boolean | null;
  /** Tokens in a decode batch from which on it is split in two. */
  readonly dboDecodeTokenThreshold?: number | null;
  readonly dboPrefillTokenThreshold?: number | null;
}

export interface ProcessOptions {
  /** Address of the node, as other nodes reach it; needed where ranks of several nodes talk. */
  readonly nodeAddress?: string | null;
  /** Directory of this process's Unix sockets, one a process. */
  readonly rpcBasePath?: string | null;
  readonly engineReadyTimeoutSeconds?: number | null;
  /** Opens sleep, cache reset and the weight update routes. */
  readonly serverDevMode?: boolean;
  readonly loggingLevel?: string | null;
  /** Whether a router before it checks API keys: one in the environment is then for that router's clients. */
  readonly isBehindGuard?: boolean;
  /** The user's variables; those in `protectedEnvVars` are refused. */
  readonly envVars?: Readonly<Record<string, string>>;
}
