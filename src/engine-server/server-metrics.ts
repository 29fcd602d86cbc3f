import type { EngineStats, FinishReason, ModelSummary } from "../engine/mod.ts";
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
    ];
    this.#engineCounters = [
      [this.#counter("num_preemptions", "Requests preempted"), (s) => s.preemptionsTotal],
      [this.#counter("prompt_tokens", "Prompt tokens computed"), (s) => s.promptTokensTotal],
      [this.#counter("generation_tokens", "Tokens generated"), (s) => s.generationTokensTotal],
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
    return this.#registry.gauge({ name: `vllm:${name}`, help }).labels(this.#labels);
  }

  #counter(name: string, help: string): Counter {
    return this.#registry.counter({ name: `vllm:${name}`, help }).labels(this.#labels);
  }
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
  | "request_params_n";

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
