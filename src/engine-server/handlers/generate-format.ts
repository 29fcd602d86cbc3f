import type { SampledLogprobs } from "../../engine/mod.ts";
import {
  type GenerateChoice,
  type GenerateChunk,
  type GenerateModeFields,
  type GenerateRequest,
  type GenerateResponse,
  usage,
  usageCounts,
  type WeightVersionSpan,
} from "../../openai-api/mod.ts";
import type { Choice, ChoiceDelta } from "../generate/choice.ts";
import type { GenerationCall, TakenDelta } from "../generate/generation-call.ts";
import { chatLogprobs, promptLogprobs } from "../generate/logprobs.ts";
import type { ResponseFormat } from "../generate/respond.ts";
import { legacyTokenLogprobs, tokenLogprobs } from "../generate/token-logprobs.ts";
import type { Serving } from "../serving.ts";

/** vLLM's name of the weights that a server was started with. */
const weightVersion = "default";

/** Writes the answers of `/inference/v1/generate`. */
export class GenerateFormat implements ResponseFormat {
  readonly #serving: Serving;
  readonly #call: GenerationCall;
  readonly #request: GenerateRequest;
  #hasBegun = false;

  constructor(serving: Serving, call: GenerationCall, request: GenerateRequest) {
    this.#serving = serving;
    this.#call = call;
    this.#request = request;
  }

  /** As in vLLM, a delta without tokens is no chunk, but where it has text or an end and text is wanted. */
  *chunks({ choice, delta }: TakenDelta): Iterable<GenerateChunk> {
    if (delta.tokenIds.length === 0 && this.#request.shape !== "text") return;
    const isFirst = !this.#hasBegun;
    this.#hasBegun = true;
    yield {
      request_id: this.#call.options.responseId,
      choices: [this.#choice(choice, delta)],
      usage: this.#request.continuousUsage ? usage(choice.tokenCounts) : null,
      ...this.#modeFields(isFirst),
    };
  }

  usageChunk(): unknown {
    const { shape } = this.#request;
    return {
      request_id: this.#call.options.responseId,
      choices: [],
      usage: usageCounts(this.#call.tokenCounts),
      ...(shape === "legacy" ? {} : { output_mode: shape }),
    };
  }

  whole(taken: readonly TakenDelta[]): GenerateResponse {
    const { promptLogprobs: logprobs } = this.#call.choices[0]!;
    return {
      request_id: this.#call.options.responseId,
      model: this.#serving.modelNames[0],
      created: Math.floor(Date.now() / 1000),
      choices: taken.map(({ choice, delta }) => this.#choice(choice, delta)),
      usage: usage(this.#call.tokenCounts),
      prompt_logprobs: logprobs === null ? null : promptLogprobs(logprobs, this.#serving.tokenizer),
      kv_transfer_params: this.#call.kvTransferParams,
      ec_transfer_params: null,
      ...this.#modeFields(true),
      ...(this.#request.shape === "legacy" ? {} : { prompt_token_id_logprobs: null }),
    };
  }

  #modeFields(isFirst: boolean): Partial<GenerateModeFields> {
    const { shape, returnTokenIds, tokenIds } = this.#request;
    if (shape === "legacy") return {};
    return {
      output_mode: shape,
      prompt_token_ids: isFirst && returnTokenIds ? tokenIds : null,
      mm_placeholders: null,
      metrics: null,
    };
  }

  #choice(choice: Choice, delta: ChoiceDelta): GenerateChoice {
    const { shape } = this.#request;
    return {
      index: choice.index,
      logprobs: delta.logprobs === null ? null : this.#logprobs(delta.logprobs),
      finish_reason: delta.finish?.reason ?? null,
      token_ids: delta.tokenIds,
      routed_experts: null,
      sampling_mask: null,
      ...(shape === "legacy" ? {} : { weight_versions: weightVersionsOf(choice) }),
      ...(shape === "text" ? { text: delta.text } : {}),
    };
  }

  #logprobs(logprobs: readonly SampledLogprobs[]): GenerateChoice["logprobs"] {
    const { shape, sampling } = this.#request;
    const countMax =
      sampling.logprobTokenIds === null ? Math.max(1, sampling.logprobs ?? 0) : Infinity;
    if (shape === "tokens") return tokenLogprobs(logprobs, countMax);
    if (shape === "legacy") return legacyTokenLogprobs(logprobs, countMax);
    const { content } = chatLogprobs(logprobs, {
      tokenizer: this.#serving.tokenizer,
      asIds: this.#request.tokensAsIds,
      withChosen: true,
    });
    return {
      content: content.map((token) => ({
        ...token,
        top_logprobs: token.top_logprobs.slice(0, countMax),
      })),
    };
  }
}

/** The whole answer under one version, once it has ended. */
function weightVersionsOf(choice: Choice): readonly WeightVersionSpan[] | null {
  if (!choice.isFinished) return null;
  const end = choice.completionTokenCount;
  return end === 0 ? [] : [{ version: weightVersion, start: 0, end }];
}
