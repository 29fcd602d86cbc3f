import assert from "node:assert/strict";
import type { EngineOutput, EngineRequest, KvPull, KvSource } from "../../engine/mod.ts";
import {
  ApiError,
  type GenerationRequest,
  type KvTransferParams,
  kvTransferParams,
  type TokenCounts,
} from "../../openai-api/mod.ts";
import { ClientGoneError } from "../http/read-body.ts";
import type { RequestTimes } from "../server-metrics.ts";
import type { Serving } from "../serving.ts";
import { Choice, type ChoiceDelta } from "./choice.ts";
import type { PreparedPrompt } from "./prepare-prompt.ts";
import { StopStrings } from "./stop-strings.ts";

export interface CallOptions {
  readonly request: GenerationRequest;
  readonly prompts: readonly PreparedPrompt[];
  /** `cmpl-…`, `chatcmpl-…` or `generate-tokens-…`. */
  readonly responseId: string;
  /** Aborts all engine requests of the call. */
  readonly signal: AbortSignal;
}

export interface TakenDelta {
  readonly choice: Choice;
  readonly delta: ChoiceDelta;
}

/** Makes engine ids unique where clients use one request id twice. */
let serial = 0;

/** The engine requests behind one HTTP request, one a choice: n for each prompt. */
export class GenerationCall {
  readonly options: CallOptions;
  readonly choices: readonly Choice[];
  readonly #serving: Serving;
  readonly #engineIds: readonly string[];
  /** Of the choices that the engine has taken. */
  readonly #times: RequestTimes[] = [];
  /** Choices with something to take. */
  readonly #changed = new Set<Choice>();
  #openCount: number;
  #kvSource: KvSource | null = null;
  #failure: Error | null = null;
  #wake: (() => void) | null = null;
  readonly #onClientGone = (): void => this.fail(new ClientGoneError("the client went away"));

  /**
   * Gives all choices to the engine, or none.
   *
   * @throws PenstockError ENGINE_QUEUE_FULL, ENGINE_DEAD, ENGINE_REQUEST_INVALID; ClientGoneError
   */
  static start(serving: Serving, options: CallOptions): GenerationCall {
    if (options.signal.aborted) throw new ClientGoneError("the client went away");
    const call = new GenerationCall(serving, options);
    try {
      call.#submit();
    } catch (error) {
      call.fail(error instanceof Error ? error : new Error(String(error)));
      call.close();
      throw error;
    }
    return call;
  }

  private constructor(serving: Serving, options: CallOptions) {
    const { request, prompts, responseId, signal } = options;
    this.options = options;
    this.#serving = serving;
    const stops = new StopStrings(request.stopStrings);
    const { eosTokenIds, tokenizer } = serving;
    this.choices = prompts.flatMap(({ tokenIds: promptTokenIds }, promptIndex) =>
      Array.from({ length: request.n }, (_, sample) => {
        const index = promptIndex * request.n + sample;
        return new Choice({ index, promptTokenIds, request, stops, eosTokenIds }, tokenizer);
      }),
    );
    this.#openCount = this.choices.length;
    this.#engineIds = this.choices.map(({ index }) => `${responseId}-${index}-${serial++}`);
    serving.calls.add(this);
    signal.addEventListener("abort", this.#onClientGone);
  }

  /** Each prompt counts once, with what its first choice found cached. */
  get tokenCounts(): TokenCounts {
    const { request } = this.options;
    const counts = this.choices.map(({ tokenCounts }) => tokenCounts);
    const ofPrompts = counts.filter((_, index) => index % request.n === 0);
    return {
      prompt: sum(ofPrompts.map(({ prompt }) => prompt)),
      completion: sum(counts.map(({ completion }) => completion)),
      cached: sum(ofPrompts.map(({ cached }) => cached)),
    };
  }

  /** Where the blocks of the first choice are held, when the request wanted that and the choice ended well. */
  get kvTransferParams(): KvTransferParams | null {
    return this.#kvSource === null ? null : kvTransferParams(this.#kvSource);
  }

  /**
   * What the choices bring, merged where the caller is slower than the engine.
   *
   * @throws ApiError 500 when the engine failed; ClientGoneError.
   */
  async *deltas(): AsyncGenerator<TakenDelta> {
    while (this.#openCount > 0 || this.#changed.size > 0) {
      await this.#change();
      const changed = [...this.#changed];
      this.#changed.clear();
      for (const choice of changed) {
        const delta = choice.take();
        if (delta !== undefined) yield { choice, delta };
        if (this.#failure !== null) throw this.#failure;
      }
    }
  }

  /**
   * Every choice as one delta, in order, when all have finished.
   *
   * @throws ApiError 500 when the engine failed; ClientGoneError.
   */
  async whole(): Promise<TakenDelta[]> {
    while (this.#openCount > 0) {
      this.#changed.clear();
      await this.#change();
    }
    return this.choices.map((choice) => {
      const delta = choice.take();
      assert(delta !== undefined, "a finished choice that was never taken has a delta");
      return { choice, delta };
    });
  }

  /** Aborts what still runs and makes whoever waits throw the cause. */
  fail(cause: Error): void {
    if (this.#failure !== null || this.#openCount === 0) return;
    this.#failure = cause;
    for (const choice of this.choices) if (!choice.isFinished) this.#abort(choice.index);
    this.#wakeUp();
  }

  /** Ends what still runs, within a step; the response is what has come until then. */
  abort(): void {
    for (const choice of this.choices)
      if (!choice.isFinished) this.#serving.engine.abort(this.#engineIds[choice.index]!);
  }

  /** The response is over, in whatever way. */
  close(): void {
    this.fail(new ClientGoneError("the response ended"));
    this.options.signal.removeEventListener("abort", this.#onClientGone);
    this.#serving.calls.delete(this);
  }

  #submit(): void {
    const { sampling, n, cacheSalt } = this.options.request;
    const { engine, metrics } = this.#serving;
    for (const choice of this.choices) {
      const { tokenIds, maxTokens } = this.#promptOf(choice.index);
      const seed = sampling.seed === null ? null : sampling.seed + (choice.index % n);
      engine.submit(
        {
          requestId: this.#engineIds[choice.index]!,
          promptTokenIds: tokenIds,
          samplingParams: { ...sampling, seed, maxTokens },
          ...(cacheSalt !== null && { cacheSalt }),
          ...this.#kvTransferOf(choice),
        },
        (output) => this.#hear(choice, output),
      );
      this.#times.push(metrics.beginRequest(tokenIds.length, maxTokens));
    }
    metrics.choices(n);
  }

  #hear(choice: Choice, output: EngineOutput): void {
    if (choice.isFinished || this.#failure !== null) return;
    if (output.finishReason === "error") {
      this.#times[choice.index]?.end("error");
      this.fail(new ApiError(500, output.error ?? "The engine failed to answer the request"));
      return;
    }
    this.#times[choice.index]?.tokens(output.tokenIds.length);
    if (output.kvPull !== undefined) this.#notePull(output.kvPull);
    this.#kvSource = output.kvSource ?? this.#kvSource;
    choice.push(output);
    if (choice.finishReason !== null) {
      this.#openCount--;
      this.#times[choice.index]?.end(choice.finishReason);
      // A stop string ended it, of which the engine knows nothing.
      if (output.finishReason === null) this.#serving.engine.abort(this.#engineIds[choice.index]!);
    }
    this.#changed.add(choice);
    this.#wakeUp();
  }

  /** The first choice alone: its blocks are held, or fetched, once. */
  #kvTransferOf(choice: Choice): Pick<EngineRequest, "kvTransfer"> {
    const { kvTransfer: wish } = this.options.request;
    if (wish === null || choice.index > 0) return {};
    if (wish.kind === "remote-decode") return { kvTransfer: wish };
    const tokenCount = wish.blocks.tokenCount ?? choice.promptTokenIds.length;
    return { kvTransfer: { kind: wish.kind, source: { ...wish.blocks, tokenCount } } };
  }

  #notePull(pull: KvPull): void {
    const { metrics, logger } = this.#serving;
    metrics.pull(pull);
    if (pull.failure === null) return;
    const { responseId } = this.options;
    const facts = { event: "kv-pull-failed", request: responseId, reason: pull.failure };
    logger.warning("KV blocks did not come, the prompt is computed here", facts);
  }

  #abort(index: number): void {
    this.#serving.engine.abort(this.#engineIds[index]!);
    this.#times[index]?.end("abort");
  }

  #promptOf(choiceIndex: number): PreparedPrompt {
    return this.options.prompts[Math.floor(choiceIndex / this.options.request.n)]!;
  }

  async #change(): Promise<void> {
    if (this.#changed.size === 0 && this.#failure === null) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
    if (this.#failure !== null) throw this.#failure;
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = null;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
