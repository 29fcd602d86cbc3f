import type { GenerationDefaults } from "../model-facts/mod.ts";

/**
 * What crosses the engine's door: tokens in, tokens out. Text (templates, stop strings, detokenization) is the
 * business of engine-server.
 */

export type Dtype = "float32" | "bfloat16";

export interface EngineOptions {
  /** A local Hugging Face directory: config.json and safetensors. */
  readonly modelDirectory: string;
  /** How weights are kept. "auto" keeps bfloat16 as bfloat16 and widens everything else to float32. */
  readonly dtype: Dtype | "auto";
  /** Longest sequence, prompt and answer together, in tokens. Default: the model's max_position_embeddings. */
  readonly maxModelLen?: number;
  /** Requests that may run in one step. */
  readonly maxNumSeqs: number;
  /** Tokens that one step may compute; longer prompts are prefilled in chunks. */
  readonly maxNumBatchedTokens: number;
  /** Requests that may be alive beyond maxNumSeqs; one more is refused with ENGINE_QUEUE_FULL. */
  readonly queueDepthMax: number;
  /** Tokens per KV block. */
  readonly blockSize: number;
  /** Memory for the KV cache. Default: room for maxNumSeqs sequences of maxModelLen, at most 1 GiB. */
  readonly kvCacheBytes?: number;
  /** Compute threads, exactly so many. Default: one for each of coreCount, fewer for a small model. */
  readonly threadCount?: number;
  /** Cores that this engine may use. Default: all of the machine. */
  readonly coreCount?: number;
  /** Seeds requests that bring no seed of their own. */
  readonly seed: number;
  /** Share the blocks of known beginnings between requests. Default: true. */
  readonly enablePrefixCaching?: boolean;
  /** Hand-over of KV blocks between engines; none without it. */
  readonly kvTransfer?: KvTransferOptions;
  readonly onProgress?: (progress: LoadProgress) => void;
}

/** How this engine takes part in prefill/decode disaggregation, in vLLM's words. */
export interface KvTransferOptions {
  readonly kvRole: "kv_producer" | "kv_consumer" | "kv_both";
  /** Unique among the engines of the deployment. */
  readonly engineId: string;
  /** Where its side channel listens, and the address that other engines are told. */
  readonly sideChannelHost: string;
  /** 0 takes any free port. */
  readonly sideChannelPort: number;
  /** How long the blocks of a finished prefill are held for the engine that wants them (vLLM's kv_lease_duration). */
  readonly leaseDurationMs: number;
  /** How long a pull may bring nothing before it counts as failed. */
  readonly pullIdleMsMax: number;
  /** What a failed pull means for its request: compute the prompt here, or end with an error (vLLM's name). */
  readonly kvLoadFailurePolicy: "recompute" | "fail";
}

/**
 * What a request says about its KV blocks: nothing is there yet and somebody will fetch them afterwards, or they are to
 * be fetched from another engine first. The second is what the first one's last output brought.
 */
export type KvTransferRequest =
  | { readonly kind: "remote-decode" }
  | { readonly kind: "remote-prefill"; readonly source: KvSource };

/** Blocks that an engine holds for another one. */
export interface KvSource {
  readonly engineId: string;
  /** The producer's own id of the request: cannot be guessed, and is what gives access to the blocks. */
  readonly requestId: string;
  readonly host: string;
  readonly port: number;
  /** In sequence order. */
  readonly blockIds: readonly number[];
  /** Tokens whose keys and values stand in the blocks. */
  readonly tokenCount: number;
}

export interface LoadProgress {
  readonly stage: "read config" | "load weights" | "start threads" | "ready";
  /** Share of the stage that is done, 0 to 1. */
  readonly done: number;
}

/** vLLM's SamplingParams as far as they concern tokens; ranges are checked before they come here. */
export interface SamplingParams {
  /** 0 is greedy. */
  readonly temperature: number;
  /** In (0, 1]; 1 is off. */
  readonly topP: number;
  /** 0 is off. */
  readonly topK: number;
  /** In [0, 1]; 0 is off. */
  readonly minP: number;
  /** null draws from the engine's own generator. */
  readonly seed: number | null;
  readonly presencePenalty: number;
  readonly frequencyPenalty: number;
  /** 1 is off. */
  readonly repetitionPenalty: number;
  readonly stopTokenIds: readonly number[];
  readonly ignoreEos: boolean;
  /** No end-of-sequence and no stop token before so many tokens. */
  readonly minTokens: number;
  readonly maxTokens: number;
  /** Added to the logits, by token id. */
  readonly logitBias: Readonly<Record<number, number>> | null;
  /** null: none; 0: the chosen token's; k: also those of the k most likely tokens. */
  readonly logprobs: number | null;
  /** Tokens whose logprobs are named in place of the most likely ones'; needs `logprobs`. Default: none. */
  readonly logprobTokenIds?: readonly number[] | null;
  /** As `logprobs`, for the tokens of the prompt but the first. Such a prompt is computed whole. Default: none. */
  readonly promptLogprobs?: number | null;
  /** Compute the prompt though others have computed its beginning. Default: false. */
  readonly skipReadingPrefixCache?: boolean;
}

export interface EngineRequest {
  /** Unique among the requests that live. */
  readonly requestId: string;
  readonly promptTokenIds: readonly number[];
  readonly samplingParams: SamplingParams;
  readonly kvTransfer?: KvTransferRequest;
  /** Only requests with the same one share blocks (vLLM's cache_salt). */
  readonly cacheSalt?: string;
}

export interface TokenLogprob {
  readonly tokenId: number;
  /** Natural logarithm of the model's own probability, before temperature, penalties and bias (vLLM's raw_logprobs). */
  readonly logprob: number;
  /** 1 for the most likely token. */
  readonly rank: number;
}

export interface SampledLogprobs extends TokenLogprob {
  /** The k most likely tokens, best first; or those that were asked for, in that order, which is their rank as well. */
  readonly top: readonly TokenLogprob[];
}

export type FinishReason = "stop" | "length" | "abort" | "error";

/** What one step brought for one request. The last output of a request, and only it, has a finishReason. */
export interface EngineOutput {
  readonly requestId: string;
  /** An end-of-sequence or stop token that ended the request is the last one here. */
  readonly tokenIds: readonly number[];
  /** One entry a token when logprobs were asked for. */
  readonly logprobs: readonly SampledLogprobs[] | null;
  readonly finishReason: FinishReason | null;
  /** The stop token that ended it; null for end-of-sequence and length. */
  readonly stopReason: number | null;
  /** What went wrong, when finishReason is "error". */
  readonly error?: string;
  /** In the last output of a "remote-decode" request that ended by stop or length: where its blocks are. */
  readonly kvSource?: KvSource;
  /** Prompt tokens whose keys and values were there already, here or at another engine; in the first output. */
  readonly cachedTokenCount?: number;
  /** In the first output of a "remote-prefill" request whose blocks were not all here. */
  readonly kvPull?: KvPull;
  /** In the first output, when they were asked for: one entry for each prompt token but the first. */
  readonly promptLogprobs?: readonly SampledLogprobs[];
}

/** How the blocks of a request came from another engine. */
export interface KvPull {
  readonly blockCount: number;
  /** Keys and values that came; 0 when the pull failed. */
  readonly bytes: number;
  readonly durationMs: number;
  /** Why the prompt was computed here instead; null when all went well. */
  readonly failure: string | null;
}

/** What the engine knows about itself at this moment; kept current after every step. */
export interface EngineStats {
  readonly runningCount: number;
  readonly waitingCount: number;
  /** KV blocks in use, 0 to 1. */
  readonly kvCacheUsage: number;
  readonly kvBlockCount: number;
  readonly preemptionsTotal: number;
  readonly promptTokensTotal: number;
  readonly generationTokensTotal: number;
  readonly stepsTotal: number;
  /** Tokens of admitted requests that were looked for in the prefix cache, and those that were there. */
  readonly prefixCacheQueriesTotal: number;
  readonly prefixCacheHitsTotal: number;
  /** null where the engine takes no part in hand-over. */
  readonly kvTransfer: KvTransferStats | null;
}

export interface KvTransferStats {
  /** Finished requests whose blocks are held for other engines. */
  readonly leaseCount: number;
  /** Pulls from other engines that run. */
  readonly pullCount: number;
  readonly pullsTotal: number;
  readonly pulledBytesTotal: number;
  readonly failedPullsTotal: number;
  /** Other engines that could not be told that their blocks are wanted no more. */
  readonly failedReleasesTotal: number;
  /** Leases whose blocks nobody released in time. */
  readonly expiredLeasesTotal: number;
  /** To other engines, as of the last lease that ended. */
  readonly sentBytesTotal: number;
}

/** What a server must know of the loaded model. */
export interface ModelSummary {
  readonly architecture: string;
  readonly vocabSize: number;
  readonly maxModelLen: number;
  /** End-of-sequence ids of generation_config.json, else of config.json. */
  readonly eosTokenIds: readonly number[];
  /** Sampling defaults of generation_config.json, under the names that file uses. */
  readonly generationDefaults: GenerationDefaults;
  readonly parameterCount: number;
  readonly weightBytes: number;
  readonly dtype: Dtype;
  readonly kvBlockCount: number;
  readonly blockSize: number;
  readonly threadCount: number;
}

export type OutputListener = (output: EngineOutput) => void;

/** A running engine. All computing happens on threads of its own; every call here returns at once. */
export interface Engine {
  readonly model: ModelSummary;
  /**
   * Hands a request over. The listener is called later, never from within submit().
   *
   * @throws PenstockError ENGINE_REQUEST_INVALID, ENGINE_PROMPT_TOO_LONG, ENGINE_QUEUE_FULL, ENGINE_DEAD.
   *   The listener hears of everything after that.
   */
  submit(request: EngineRequest, listener: OutputListener): void;
  /** Ends the request within one step; its listener gets a last output with finishReason "abort". Unknown ids are ignored. */
  abort(requestId: string): void;
  stats(): EngineStats;
  /** Whether the engine's thread shows a sign of life in this time; false once it is dead or closed. */
  answersWithin(limitMs: number): Promise<boolean>;
  /**
   * Resolves with the cause when the engine dies by itself; never rejects. An error on any thread is told at once; a
   * compute thread that vanishes in the middle of a step is missed after 30 s.
   */
  readonly died: Promise<Error>;
  /** Aborts what runs and ends the threads. */
  close(): Promise<void>;
}
