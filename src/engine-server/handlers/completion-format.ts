import {
  type CompletionChoice,
  type CompletionChunk,
  type CompletionChunkChoice,
  type CompletionLogprobs,
  type CompletionResponse,
  usage,
  usageCounts,
} from "../../openai-api/mod.ts";
import type { Choice, ChoiceDelta } from "../generate/choice.ts";
import type { GenerationCall, TakenDelta } from "../generate/generation-call.ts";
import { CompletionLogprobsWriter } from "../generate/logprobs.ts";
import type { ResponseFormat } from "../generate/respond.ts";
import type { Serving } from "../serving.ts";

/** Writes the answers of `/v1/completions`. */
export class CompletionFormat implements ResponseFormat {
  readonly #serving: Serving;
  readonly #call: GenerationCall;
  readonly #head: Pick<CompletionChunk, "id" | "object" | "created" | "model">;
  readonly #logprobs: ReadonlyMap<Choice, CompletionLogprobsWriter>;
  /** Choices whose first chunk is out. */
  readonly #begun = new Set<Choice>();

  constructor(serving: Serving, call: GenerationCall) {
    this.#serving = serving;
    this.#call = call;
    this.#head = {
      id: call.options.responseId,
      object: "text_completion",
      created: Math.floor(Date.now() / 1000),
      model: serving.modelNames[0],
    };
    const names = { tokenizer: serving.tokenizer, asIds: call.options.request.tokensAsIds };
    this.#logprobs = new Map(
      call.choices.map((choice) => [choice, new CompletionLogprobsWriter(names)]),
    );
  }

  *chunks({ choice, delta }: TakenDelta): Iterable<CompletionChunk> {
    const { includeUsage, continuousUsage } = this.#call.options.request;
    const isLast = delta.finish !== null && !includeUsage;
    yield {
      ...this.#head,
      choices: [this.#chunkChoice(choice, delta)],
      ...(continuousUsage ? { usage: usageOf(choice) } : {}),
      ...(isLast ? { system_fingerprint: this.#serving.fingerprint } : {}),
    };
  }

  usageChunk(): CompletionChunk {
    return {
      ...this.#head,
      choices: [],
      usage: usageCounts(this.#call.tokenCounts),
      system_fingerprint: this.#serving.fingerprint,
    };
  }

  whole(taken: readonly TakenDelta[]): CompletionResponse {
    return {
      ...this.#head,
      choices: taken.map(({ choice, delta }) => this.#wholeChoice(choice, delta)),
      service_tier: null,
      system_fingerprint: this.#serving.fingerprint,
      usage: usage(this.#call.tokenCounts),
      kv_transfer_params: this.#call.kvTransferParams,
      ec_transfer_params: null,
      metrics: null,
    };
  }

  #chunkChoice(choice: Choice, delta: ChoiceDelta): CompletionChunkChoice {
    const { returnTokenIds } = this.#call.options.request;
    const isFirst = !this.#begun.has(choice);
    this.#begun.add(choice);
    return {
      index: choice.index,
      text: delta.text,
      logprobs: this.#logprobsOf(choice, delta),
      finish_reason: delta.finish?.reason ?? null,
      stop_reason: delta.finish?.stopReason ?? null,
      prompt_token_ids: isFirst && returnTokenIds ? choice.promptTokenIds : null,
      token_ids: returnTokenIds ? delta.tokenIds : null,
    };
  }

  #wholeChoice(choice: Choice, delta: ChoiceDelta): CompletionChoice {
    const { returnTokenIds } = this.#call.options.request;
    return {
      index: choice.index,
      text: delta.text,
      logprobs: this.#logprobsOf(choice, delta),
      finish_reason: delta.finish?.reason ?? "stop",
      stop_reason: delta.finish?.stopReason ?? null,
      token_ids: returnTokenIds ? delta.tokenIds : null,
      prompt_logprobs: null,
      prompt_token_ids: returnTokenIds ? choice.promptTokenIds : null,
      routed_experts: null,
    };
  }

  #logprobsOf(choice: Choice, delta: ChoiceDelta): CompletionLogprobs | null {
    return delta.logprobs === null ? null : this.#logprobs.get(choice)!.write(delta.logprobs);
  }
}

function usageOf(choice: Choice): ReturnType<typeof usageCounts> {
  return usageCounts(choice.tokenCounts);
}
