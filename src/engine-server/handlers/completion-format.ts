import {
  type CompletionChoice,
  type CompletionChunk,
  type CompletionChunkChoice,
  type CompletionLogprobs,
  type CompletionRequest,
  type CompletionResponse,
  usage,
  usageCounts,
} from "../../openai-api/mod.ts";
import type { Choice, ChoiceDelta } from "../generate/choice.ts";
import type { GenerationCall, TakenDelta } from "../generate/generation-call.ts";
import { CompletionLogprobsWriter, joinLogprobs, promptLogprobs } from "../generate/logprobs.ts";
import type { ResponseFormat } from "../generate/respond.ts";
import type { Serving } from "../serving.ts";

/** What a response to completions says beyond the answers. */
export interface CompletionFacts {
  readonly request: CompletionRequest;
  /** The text of each prompt where the request echoes it; empty where it wants token ids, as in vLLM. */
  readonly promptTexts: readonly string[];
}

/** Writes the answers of `/v1/completions`. */
export class CompletionFormat implements ResponseFormat {
  readonly #serving: Serving;
  readonly #call: GenerationCall;
  readonly #facts: CompletionFacts;
  readonly #head: Pick<CompletionChunk, "id" | "object" | "created" | "model">;
  readonly #logprobs: ReadonlyMap<Choice, CompletionLogprobsWriter>;
  /** Choices whose first chunk is out. */
  readonly #begun = new Set<Choice>();

  constructor(serving: Serving, call: GenerationCall, facts: CompletionFacts) {
    this.#serving = serving;
    this.#call = call;
    this.#facts = facts;
    this.#head = {
      id: call.options.responseId,
      object: "text_completion",
      created: Math.floor(Date.now() / 1000),
      model: serving.modelNames[0],
    };
    const { tokensAsIds, sampling } = facts.request;
    const names = { tokenizer: serving.tokenizer, asIds: tokensAsIds };
    const { logprobs, logprobTokenIds } = sampling;
    const options = logprobTokenIds === null && logprobs !== null ? { topCountMax: logprobs } : {};
    this.#logprobs = new Map(
      call.choices.map((choice) => [choice, new CompletionLogprobsWriter(names, options)]),
    );
  }

  *chunks({ choice, delta }: TakenDelta): Iterable<CompletionChunk> {
    const { includeUsage, continuousUsage } = this.#facts.request;
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
    const { returnTokenIds, echo } = this.#facts.request;
    const isFirst = !this.#begun.has(choice);
    this.#begun.add(choice);
    return {
      index: choice.index,
      text: this.#textOf(choice, delta, isFirst),
      logprobs: this.#logprobsOf(choice, delta, isFirst),
      finish_reason: delta.finish?.reason ?? null,
      stop_reason: delta.finish?.stopReason ?? null,
      prompt_token_ids: isFirst && (returnTokenIds || echo) ? choice.promptTokenIds : null,
      token_ids: returnTokenIds ? delta.tokenIds : null,
    };
  }

  #wholeChoice(choice: Choice, delta: ChoiceDelta): CompletionChoice {
    const { returnTokenIds } = this.#facts.request;
    const { promptLogprobs: logprobs } = choice;
    return {
      index: choice.index,
      text: this.#textOf(choice, delta, true),
      logprobs: this.#logprobsOf(choice, delta, true),
      finish_reason: delta.finish?.reason ?? "stop",
      stop_reason: delta.finish?.stopReason ?? null,
      token_ids: returnTokenIds ? delta.tokenIds : null,
      prompt_logprobs: logprobs === null ? null : promptLogprobs(logprobs, this.#serving.tokenizer),
      prompt_token_ids: returnTokenIds ? choice.promptTokenIds : null,
      routed_experts: null,
    };
  }

  #textOf(choice: Choice, delta: ChoiceDelta, isFirst: boolean): string {
    const { request, promptTexts } = this.#facts;
    const answer = request.isEchoOnly ? "" : delta.text;
    if (!request.echo || !isFirst) return answer;
    return promptTexts[Math.floor(choice.index / request.n)]! + answer;
  }

  #logprobsOf(choice: Choice, delta: ChoiceDelta, isFirst: boolean): CompletionLogprobs | null {
    const { echo, isEchoOnly } = this.#facts.request;
    if (delta.logprobs === null) return null;
    const writer = this.#logprobs.get(choice)!;
    if (!echo || !isFirst) return writer.write(isEchoOnly ? [] : delta.logprobs);
    const prompt = writer.writePrompt(choice.promptTokenIds[0]!, choice.promptLogprobs ?? []);
    return isEchoOnly ? prompt : joinLogprobs(prompt, writer.write(delta.logprobs));
  }
}

function usageOf(choice: Choice): ReturnType<typeof usageCounts> {
  return usageCounts(choice.tokenCounts);
}
