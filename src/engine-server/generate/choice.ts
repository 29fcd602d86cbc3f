import type { EngineOutput, SampledLogprobs } from "../../engine/mod.ts";
import type {
  GenerationRequest,
  StopReason,
  TokenCounts,
  WireFinishReason,
} from "../../openai-api/mod.ts";
import type { Tokenizer, TokenStream } from "../../tokenize/mod.ts";
import { StopScanner, type StopStrings } from "./stop-strings.ts";

/** What has come for a choice since it was last asked. */
export interface ChoiceDelta {
  readonly text: string;
  readonly tokenIds: readonly number[];
  /** One entry a token when logprobs were asked for. */
  readonly logprobs: readonly SampledLogprobs[] | null;
  /** On the last delta, and only there. */
  readonly finish: ChoiceFinish | null;
}

export interface ChoiceFinish {
  readonly reason: WireFinishReason;
  readonly stopReason: StopReason;
}

export interface ChoiceOptions {
  readonly index: number;
  readonly promptTokenIds: readonly number[];
  readonly request: GenerationRequest;
  readonly stops: StopStrings;
  readonly eosTokenIds: ReadonlySet<number>;
}

/**
 * One answer on its way from tokens to text: detokenized, cut at stop strings. Outputs that nobody has taken yet
 * are merged, so that a slow reader costs no more memory than the answer itself.
 */
export class Choice {
  readonly index: number;
  readonly promptTokenIds: readonly number[];
  /** All tokens of the answer so far, also those without text. */
  completionTokenCount = 0;
  /** Tokens of its prompt that were not computed for it. */
  cachedTokenCount = 0;
  finishReason: WireFinishReason | null = null;
  /** Of the tokens of its prompt but the first, once the first delta is there; null where nobody asked. */
  promptLogprobs: readonly SampledLogprobs[] | null = null;
  readonly #options: ChoiceOptions;
  readonly #detokenizer: TokenStream;
  readonly #scanner: StopScanner;
  #text = "";
  #tokenIds: number[] = [];
  #logprobs: SampledLogprobs[] = [];
  #finish: ChoiceFinish | null = null;

  constructor(options: ChoiceOptions, tokenizer: Tokenizer) {
    const { skipSpecialTokens, includeStopString } = options.request;
    this.index = options.index;
    this.promptTokenIds = options.promptTokenIds;
    this.#options = options;
    this.#detokenizer = tokenizer.detokenizer({
      skipSpecialTokens,
      promptTokenIds: options.promptTokenIds,
    });
    this.#scanner = new StopScanner(options.stops, { includeStop: includeStopString });
  }

  get tokenCounts(): TokenCounts {
    return {
      prompt: this.promptTokenIds.length,
      completion: this.completionTokenCount,
      cached: this.cachedTokenCount,
    };
  }

  get isFinished(): boolean {
    return this.finishReason !== null;
  }

  /** Takes what a step brought. The choice is finished by the engine's reason or by a stop string. */
  push(output: EngineOutput): void {
    this.cachedTokenCount = output.cachedTokenCount ?? this.cachedTokenCount;
    this.promptLogprobs = output.promptLogprobs ?? this.promptLogprobs;
    for (const [index, tokenId] of output.tokenIds.entries()) {
      if (this.isFinished) return;
      this.#pushToken(tokenId, output, index);
    }
    const reason = output.finishReason;
    if (this.isFinished || reason === null || reason === "error") return;
    this.#finishText();
    if (!this.isFinished) this.#end({ reason, stopReason: output.stopReason });
  }

  /** What has come since the last call; undefined when nothing has. */
  take(): ChoiceDelta | undefined {
    if (this.#tokenIds.length === 0 && this.#finish === null) return undefined;
    const delta: ChoiceDelta = {
      text: this.#text,
      tokenIds: this.#tokenIds,
      logprobs: this.#options.request.sampling.logprobs === null ? null : this.#logprobs,
      finish: this.#finish,
    };
    this.#text = "";
    this.#tokenIds = [];
    this.#logprobs = [];
    this.#finish = null;
    return delta;
  }

  #pushToken(tokenId: number, output: EngineOutput, index: number): void {
    this.completionTokenCount++;
    this.#tokenIds.push(tokenId);
    const logprobs = output.logprobs?.[index];
    if (logprobs !== undefined) this.#logprobs.push(logprobs);
    if (this.#isSilentStop(tokenId, output, index)) return;
    this.#scan(this.#detokenizer.push(tokenId));
  }

  /** The token that ended the answer has no text, unless the request wants its stops in the output. */
  #isSilentStop(tokenId: number, output: EngineOutput, index: number): boolean {
    const { request, eosTokenIds } = this.#options;
    if (output.finishReason !== "stop" || index !== output.tokenIds.length - 1) return false;
    if (request.includeStopString) return false;
    return eosTokenIds.has(tokenId) || request.sampling.stopTokenIds.includes(tokenId);
  }

  #scan(text: string): void {
    const mayStop = this.completionTokenCount > this.#options.request.sampling.minTokens;
    const scanned = this.#scanner.push(text, { mayStop });
    this.#text += scanned.text;
    if (scanned.matched !== null) this.#end({ reason: "stop", stopReason: scanned.matched });
  }

  /** Half a character and half a stop string that were held back; together they may be a stop string yet. */
  #finishText(): void {
    this.#scan(this.#detokenizer.flush());
    if (!this.isFinished) this.#text += this.#scanner.flush();
  }

  #end(finish: ChoiceFinish): void {
    this.#finish = finish;
    this.finishReason = finish.reason;
  }
}
