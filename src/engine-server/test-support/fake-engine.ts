import { PenstockError } from "../../errors/mod.ts";
import type {
  Engine,
  EngineOutput,
  EngineRequest,
  EngineStats,
  ModelSummary,
  OutputListener,
  SampledLogprobs,
} from "../../engine/mod.ts";

/** What the engine answers: the tokens of one request, in order. It ends with "stop" where they end. */
export type Script = (request: EngineRequest) => Iterable<number>;

export interface FakeEngineOptions {
  readonly script: Script;
  readonly model?: Partial<ModelSummary>;
  /** Requests that may live at once. */
  readonly requestsMax?: number;
  /** True: steps happen only when the test calls step(). */
  readonly isManual?: boolean;
}

interface Live {
  readonly request: EngineRequest;
  readonly listener: OutputListener;
  readonly tokens: Iterator<number>;
  tokenCount: number;
  isAborted: boolean;
}

const summary: ModelSummary = {
  architecture: "FakeForCausalLM",
  vocabSize: 263,
  maxModelLen: 256,
  eosTokenIds: [260],
  generationDefaults: {},
  parameterCount: 1,
  weightBytes: 4,
  dtype: "float32",
  kvBlockCount: 16,
  blockSize: 16,
  threadCount: 1,
};

/** An engine that keeps the whole contract but draws its tokens from a script, one a step and request. */
export class FakeEngine implements Engine {
  readonly model: ModelSummary;
  readonly died: Promise<Error>;
  /** Every request that was ever taken. */
  readonly submitted: EngineRequest[] = [];
  isClosed = false;
  /** Its thread shows no sign of life. */
  isHung = false;
  readonly #options: FakeEngineOptions;
  readonly #live = new Map<string, Live>();
  readonly #resolveDied: (cause: Error) => void;
  #stepsTotal = 0;
  #generationTokensTotal = 0;
  #isDead = false;
  #isScheduled = false;

  constructor(options: FakeEngineOptions) {
    this.#options = options;
    this.model = { ...summary, ...options.model };
    ({ promise: this.died, resolve: this.#resolveDied } = Promise.withResolvers<Error>());
  }

  get liveCount(): number {
    return this.#live.size;
  }

  get abortedCount(): number {
    return [...this.#live.values()].filter(({ isAborted }) => isAborted).length;
  }

  submit(request: EngineRequest, listener: OutputListener): void {
    if (this.#isDead) throw new PenstockError("ENGINE_DEAD", { reason: "the test killed it" });
    const queueDepthMax = this.#options.requestsMax ?? 1_000;
    const facts = { liveCount: this.#live.size, maxNumSeqs: 0, queueDepthMax };
    if (this.#live.size >= queueDepthMax) throw new PenstockError("ENGINE_QUEUE_FULL", facts);
    const tokens = this.#options.script(request)[Symbol.iterator]();
    this.submitted.push(request);
    const live = { request, listener, tokens, tokenCount: 0, isAborted: false };
    this.#live.set(request.requestId, live);
    this.#schedule();
  }

  abort(requestId: string): void {
    const live = this.#live.get(requestId);
    if (live !== undefined) live.isAborted = true;
  }

  /** One token for every live request. */
  step(): void {
    this.#stepsTotal++;
    for (const live of this.#live.values()) this.#deliver(live, this.#nextOutput(live));
    this.#schedule();
  }

  /** As when its thread crashes. */
  die(cause: Error): void {
    this.#isDead = true;
    this.#resolveDied(cause);
    for (const live of this.#live.values())
      this.#deliver(live, { ...this.#empty(live), finishReason: "error", error: cause.message });
  }

  stats(): EngineStats {
    return {
      runningCount: this.#live.size,
      waitingCount: 0,
      kvCacheUsage: 0,
      kvBlockCount: this.model.kvBlockCount,
      preemptionsTotal: 0,
      promptTokensTotal: 0,
      generationTokensTotal: this.#generationTokensTotal,
      stepsTotal: this.#stepsTotal,
      prefixCacheQueriesTotal: 0,
      prefixCacheHitsTotal: 0,
      kvTransfer: null,
    };
  }

  async answersWithin(): Promise<boolean> {
    return !this.#isDead && !this.isHung;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    for (const live of this.#live.values())
      this.#deliver(live, { ...this.#empty(live), finishReason: "abort" });
  }

  #schedule(): void {
    if (this.#isScheduled || this.#options.isManual === true || this.#live.size === 0) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.step();
    });
  }

  #nextOutput(live: Live): EngineOutput {
    const empty = this.#empty(live);
    if (live.isAborted) return { ...empty, finishReason: "abort" };
    const next = live.tokens.next();
    const tokenId = next.done === true ? this.model.eosTokenIds[0]! : next.value;
    live.tokenCount++;
    this.#generationTokensTotal++;
    const { samplingParams } = live.request;
    const isStopToken = samplingParams.stopTokenIds.includes(tokenId);
    const isEnd = next.done === true || isStopToken;
    const isFull = live.tokenCount >= samplingParams.maxTokens;
    return {
      ...empty,
      tokenIds: [tokenId],
      logprobs:
        samplingParams.logprobs === null ? null : [logprobsOf(tokenId, samplingParams.logprobs)],
      finishReason: isEnd ? "stop" : isFull ? "length" : null,
      stopReason: isStopToken ? tokenId : null,
    };
  }

  #deliver(live: Live, output: EngineOutput): void {
    if (output.finishReason !== null) this.#live.delete(output.requestId);
    live.listener(output);
  }

  #empty(live: Live): EngineOutput {
    const { requestId } = live.request;
    return { requestId, tokenIds: [], logprobs: null, finishReason: null, stopReason: null };
  }
}

/** The chosen token is the most likely one; the next ids follow it. */
function logprobsOf(tokenId: number, topCount: number): SampledLogprobs {
  const top = Array.from({ length: topCount }, (_, index) => ({
    tokenId: (tokenId + index) % 256,
    logprob: index === 0 ? -0.5 : -Infinity,
    rank: index + 1,
  }));
  return { tokenId, logprob: -0.5, rank: 1, top };
}

/** Answers every request with the bytes of a text, one byte a token. */
export function saying(text: string): Script {
  return () => Buffer.from(text);
}
