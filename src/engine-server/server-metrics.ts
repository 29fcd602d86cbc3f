import type {
  EngineStats,
  FinishReason,
  KvPull,
  KvTransferStats,
  ModelSummary,
} from "../engine/mod.ts";
import {
  type Counter,
  type Gauge,
  type Histogram,
  type Labels,
  MetricsRegistry,
} from "../telemetry/mod.ts";

const ttftBuckets = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80,
  160, 640, 2560,
];
const perTokenBuckets = [
  0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80,
];
const latencyBuckets = [
  0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680,
];
const choiceBuckets = [1, 2, 5, 10, 20];
const pullSecondsBuckets = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 5];
/** 2 KiB to 8 GiB. */
const pullBytesBuckets = Array.from({ length: 12 }, (_, index) => 2 ** (11 + 2 * index));
const pullBlocksBuckets = [
  10, 20, 30, 50, 75, 100, 200, 400, 1000, 2000, 4000, 10000, 20000, 50000,
];

export interface ServerMetricsOptions {
  readonly modelName: string;
  readonly rank: number;
  readonly model: ModelSummary;
  /** Milliseconds of a clock that only goes forward. */
  readonly now?: () => number;
}

/** The metrics of vLLM that an engine of this kind has, under vLLM's names, labels and buckets. */
export class ServerMetrics {
  readonly #registry = new MetricsRegistry();
  readonly #labels: Labels;
  readonly #now: () => number;
  readonly #engineGauges: readonly (readonly [Gauge, (stats: EngineStats) => number])[];
  readonly #engineCounters: readonly (readonly [Counter, (stats: EngineStats) => number])[];
  readonly #success: (reason: FinishReason) => Counter;
  readonly #histograms: Readonly<Record<HistogramName, Histogram>>;

  constructor(options: ServerMetricsOptions) {
    const { modelName, rank, model, now } = options;
    this.#labels = { model_name: modelName, engine: String(rank) };
    this.#now = now ?? (() => performance.now());
    this.#engineGauges = [
      [this.#gauge("num_requests_running", "Requests in the running batch"), (s) => s.runningCount],
      [this.#gauge("num_requests_waiting", "Requests that wait"), (s) => s.waitingCount],
      [this.#gauge("kv_cache_usage_perc", "KV blocks in use, 0 to 1"), (s) => s.kvCacheUsage],
      [
        this.#gauge("penstock_kv_leases", "Prompts held for other engines"),
        ofTransfer((t) => t.leaseCount),
      ],
      [
        this.#gauge("penstock_kv_pulls", "Pulls from other engines that run"),
        ofTransfer((t) => t.pullCount),
      ],
    ];
    this.#engineCounters = [
      [this.#counter("num_preemptions", "Requests preempted"), (s) => s.preemptionsTotal],
      [this.#counter("prompt_tokens", "Prompt tokens computed"), (s) => s.promptTokensTotal],
      [this.#counter("generation_tokens", "Tokens generated"), (s) => s.generationTokensTotal],
      [
        this.#counter("prefix_cache_queries", "Tokens looked for in the prefix cache"),
        (s) => s.prefixCacheQueriesTotal,
      ],
      [
        this.#counter("prefix_cache_hits", "Tokens found in the prefix cache"),
        (s) => s.prefixCacheHitsTotal,
      ],
      [
        this.#counter("nixl_num_failed_transfers", "Pulls that failed"),
        ofTransfer((t) => t.failedPullsTotal),
      ],
      [
        this.#counter("nixl_num_failed_notifications", "Releases that did not arrive"),
        ofTransfer((t) => t.failedReleasesTotal),
      ],
      [
        this.#counter("nixl_num_kv_expired_reqs", "Leases that nobody released in time"),
        ofTransfer((t) => t.expiredLeasesTotal),
      ],
      [
        this.#counter("penstock_kv_sent_bytes", "Keys and values sent to other engines"),
        ofTransfer((t) => t.sentBytesTotal),
      ],
    ];
    this.#success = this.#successCounters();
    this.#histograms = this.#makeHistograms(tokenBuckets(model.maxModelLen));
    this.#cacheConfig(model);
  }

  /** The exposition, with the engine's counts of this moment. */
  expose(stats: EngineStats): string {
    for (const [gauge, valueOf] of this.#engineGauges) gauge.set(valueOf(stats));
    for (const [counter, valueOf] of this.#engineCounters) counter.value = valueOf(stats);
    return this.#registry.expose();
  }

  /** A request wants n answers to each prompt. */
  choices(n: number): void {
    this.#histograms.request_params_n.observe(n);
  }

  /** Blocks of a request came from another engine, or did not. */
  pull({ bytes, blockCount, durationMs, failure }: KvPull): void {
    if (failure !== null) return;
    this.#histograms.nixl_xfer_time_seconds.observe(durationMs / 1000);
    this.#histograms.nixl_bytes_transferred.observe(bytes);
    this.#histograms.nixl_num_descriptors.observe(blockCount);
  }

  /** Follows one engine request from here to its end. */
  beginRequest(promptTokenCount: number, maxTokens: number): RequestTimes {
    this.#histograms.request_params_max_tokens.observe(maxTokens);
    return new RequestTimes({
      promptTokenCount,
      histograms: this.#histograms,
      success: this.#success,
      now: this.#now,
    });
  }

  #makeHistograms(tokens: readonly number[]): Readonly<Record<HistogramName, Histogram>> {
    const make = (name: HistogramName, help: string, buckets: readonly number[]): Histogram =>
      this.#registry.histogram({ name: `vllm:${name}`, help, buckets }).labels(this.#labels);
    return {
      time_to_first_token_seconds: make(
        "time_to_first_token_seconds",
        "From the request to its first token",
        ttftBuckets,
      ),
      inter_token_latency_seconds: make(
        "inter_token_latency_seconds",
        "Between tokens of a request",
        perTokenBuckets,
      ),
      request_time_per_output_token_seconds: make(
        "request_time_per_output_token_seconds",
        "Mean time between the tokens of a request",
        perTokenBuckets,
      ),
      e2e_request_latency_seconds: make(
        "e2e_request_latency_seconds",
        "From the request to its last token",
        latencyBuckets,
      ),
      request_decode_time_seconds: make(
        "request_decode_time_seconds",
        "From the first token of a request to its last",
        latencyBuckets,
      ),
      request_prompt_tokens: make("request_prompt_tokens", "Prompt tokens of a request", tokens),
      request_generation_tokens: make(
        "request_generation_tokens",
        "Tokens generated for a request",
        tokens,
      ),
      request_params_max_tokens: make(
        "request_params_max_tokens",
        "Tokens a request may generate",
        tokens,
      ),
      request_params_n: make("request_params_n", "Answers a request wants", choiceBuckets),
      nixl_xfer_time_seconds: make(
        "nixl_xfer_time_seconds",
        "Time that a pull of KV blocks took",
        pullSecondsBuckets,
      ),
      nixl_bytes_transferred: make("nixl_bytes_transferred", "Bytes of a pull", pullBytesBuckets),
      nixl_num_descriptors: make("nixl_num_descriptors", "Blocks of a pull", pullBlocksBuckets),
    };
  }

  #successCounters(): (reason: FinishReason) => Counter {
    const name = "vllm:request_success";
    const family = this.#registry.counter({ name, help: "Requests by how they ended" });
    const reasons = ["stop", "length", "abort", "error"] as const;
    const children = new Map(
      reasons.map((reason) => [
        reason,
        family.labels({ ...this.#labels, finished_reason: reason }),
      ]),
    );
    return (reason) => children.get(reason)!;
  }

  #cacheConfig(model: ModelSummary): void {
    const name = "vllm:cache_config_info";
    const family = this.#registry.gauge({ name, help: "The KV cache as it is set up" });
    family
      .labels({
        ...this.#labels,
        block_size: String(model.blockSize),
        num_gpu_blocks: String(model.kvBlockCount),
        cache_dtype: model.dtype,
      })
      .set(1);
  }

  #gauge(name: string, help: string): Gauge {
    return this.#registry.gauge({ name: fullName(name), help }).labels(this.#labels);
  }

  #counter(name: string, help: string): Counter {
    return this.#registry.counter({ name: fullName(name), help }).labels(this.#labels);
  }
}

/** Metrics that vLLM has none of say whose they are. */
function fullName(name: string): string {
  return name.startsWith("penstock_") ? name : `vllm:${name}`;
}

/** 0 for an engine that takes no part in hand-over. */
function ofTransfer(valueOf: (stats: KvTransferStats) => number): (stats: EngineStats) => number {
  return ({ kvTransfer }) => (kvTransfer === null ? 0 : valueOf(kvTransfer));
}

type HistogramName =
  | "time_to_first_token_seconds"
  | "inter_token_latency_seconds"
  | "request_time_per_output_token_seconds"
  | "e2e_request_latency_seconds"
  | "request_decode_time_seconds"
  | "request_prompt_tokens"
  | "request_generation_tokens"
  | "request_params_max_tokens"
  | "request_params_n"
  | "nixl_xfer_time_seconds"
  | "nixl_bytes_transferred"
  | "nixl_num_descriptors";

interface RequestTimesOptions {
  readonly promptTokenCount: number;
  readonly histograms: Readonly<Record<HistogramName, Histogram>>;
  readonly success: (reason: FinishReason) => Counter;
  readonly now: () => number;
}

/** The times of one engine request. Later calls than the end are ignored. */
export class RequestTimes {
  readonly #options: RequestTimesOptions;
  readonly #beginMs: number;
  #firstTokenMs = 0;
  #lastTokenMs = 0;
  #tokenCount = 0;
  #hasEnded = false;

  constructor(options: RequestTimesOptions) {
    this.#options = options;
    this.#beginMs = options.now();
  }

  /** So many tokens have come in one step. */
  tokens(count: number): void {
    if (count === 0 || this.#hasEnded) return;
    const { histograms, now } = this.#options;
    const nowMs = now();
    if (this.#tokenCount === 0) {
      this.#firstTokenMs = nowMs;
      histograms.time_to_first_token_seconds.observe((nowMs - this.#beginMs) / 1000);
    } else {
      histograms.inter_token_latency_seconds.observe((nowMs - this.#lastTokenMs) / 1000);
    }
    this.#lastTokenMs = nowMs;
    this.#tokenCount += count;
  }

  end(reason: FinishReason): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const { histograms, success, promptTokenCount, now } = this.#options;
    success(reason).add();
    histograms.request_prompt_tokens.observe(promptTokenCount);
    histograms.request_generation_tokens.observe(this.#tokenCount);
    histograms.e2e_request_latency_seconds.observe((now() - this.#beginMs) / 1000);
    if (this.#tokenCount === 0) return;
    const decodeSeconds = (this.#lastTokenMs - this.#firstTokenMs) / 1000;
    histograms.request_decode_time_seconds.observe(decodeSeconds);
    if (this.#tokenCount > 1)
      histograms.request_time_per_output_token_seconds.observe(
        decodeSeconds / (this.#tokenCount - 1),
      );
  }
}

/** 1, 2, 5, 10, 20, 50 and so on up to the longest sequence. */
export function tokenBuckets(tokensMax: number): number[] {
  const buckets: number[] = [];
  for (let decade = 1; decade <= tokensMax; decade *= 10)
    for (const step of [1, 2, 5]) if (step * decade <= tokensMax) buckets.push(step * decade);
  return buckets;
}
