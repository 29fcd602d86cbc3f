import {
  type ChatChoice,
  type ChatChunk,
  type ChatChunkChoice,
  type ChatLogprobs,
  type ChatRequest,
  type ChatResponse,
  type Conversation,
  type PromptLogprobs,
  usage,
  usageCounts,
} from "../../openai-api/mod.ts";
import type { Choice, ChoiceDelta } from "../generate/choice.ts";
import type { GenerationCall, TakenDelta } from "../generate/generation-call.ts";
import { chatLogprobs, promptLogprobs } from "../generate/logprobs.ts";
import type { ResponseFormat } from "../generate/respond.ts";
import type { Serving } from "../serving.ts";

/** What a chat response says beyond the answers. */
export interface ChatFacts {
  readonly request: ChatRequest;
  /** The rendered conversation. */
  readonly promptText: string;
}

/** Writes the answers of `/v1/chat/completions`. */
export class ChatFormat implements ResponseFormat {
  readonly #serving: Serving;
  readonly #call: GenerationCall;
  readonly #request: ChatRequest;
  readonly #promptText: string | null;
  /** What stands before each answer. */
  readonly #echo: string;
  readonly #head: Pick<ChatChunk, "id" | "created" | "model">;
  /** Choices whose first chunk is out. */
  readonly #begun = new Set<Choice>();

  constructor(serving: Serving, call: GenerationCall, facts: ChatFacts) {
    this.#serving = serving;
    this.#call = call;
    this.#request = facts.request;
    this.#promptText = facts.request.returnPromptText ? facts.promptText : null;
    this.#echo = facts.request.echo ? echoOf(facts.request.conversation, this.#role()) : "";
    this.#head = {
      id: call.options.responseId,
      created: Math.floor(Date.now() / 1000),
      model: serving.modelNames[0],
    };
  }

  *chunks({ choice, delta }: TakenDelta): Iterable<ChatChunk> {
    if (!this.#begun.has(choice)) {
      this.#begun.add(choice);
      yield this.#firstChunk(choice);
      if (this.#echo !== "") yield this.#echoChunk(choice);
    }
    if (choice.finishReason === "abort" && choice.completionTokenCount === 0) return;
    const isLast = delta.finish !== null && !this.#request.includeUsage;
    yield {
      ...this.#chunk(this.#chunkChoice(choice, delta)),
      ...this.#continuousUsage(choice, choice.completionTokenCount),
      ...(isLast ? { system_fingerprint: this.#serving.fingerprint } : {}),
    };
  }

  usageChunk(): ChatChunk {
    return {
      ...this.#chunk(),
      usage: usageCounts(this.#call.tokenCounts),
      system_fingerprint: this.#serving.fingerprint,
    };
  }

  whole(taken: readonly TakenDelta[]): ChatResponse {
    const { id, created, model } = this.#head;
    return {
      id,
      object: "chat.completion",
      created,
      model,
      choices: taken.map(({ choice, delta }) => this.#wholeChoice(choice, delta)),
      service_tier: null,
      system_fingerprint: this.#serving.fingerprint,
      usage: usage(this.#call.tokenCounts),
      prompt_logprobs: this.#promptLogprobs(),
      prompt_token_ids: this.#promptTokenIds(),
      prompt_text: this.#promptText,
      kv_transfer_params: this.#call.kvTransferParams,
      ec_transfer_params: null,
      metrics: null,
    };
  }

  #chunk(...choices: ChatChunkChoice[]): ChatChunk {
    const { id, created, model } = this.#head;
    return { id, object: "chat.completion.chunk", created, model, choices };
  }

  #firstChunk(choice: Choice): ChatChunk {
    const first: ChatChunkChoice = {
      index: choice.index,
      delta: { role: this.#role(), content: "" },
      logprobs: null,
      finish_reason: null,
    };
    return {
      ...this.#chunk(first),
      prompt_token_ids: this.#promptTokenIds(),
      prompt_text: this.#promptText,
      ...this.#continuousUsage(choice, 0),
    };
  }

  #echoChunk(choice: Choice): ChatChunk {
    const echo = {
      index: choice.index,
      delta: { content: this.#echo },
      logprobs: null,
      finish_reason: null,
    };
    return { ...this.#chunk(echo), ...this.#continuousUsage(choice, 0) };
  }

  #chunkChoice(choice: Choice, delta: ChoiceDelta): ChatChunkChoice {
    return {
      index: choice.index,
      delta: { content: delta.text },
      logprobs: this.#logprobsOf(delta),
      finish_reason: delta.finish?.reason ?? null,
      ...(delta.finish === null ? {} : { stop_reason: delta.finish.stopReason }),
      token_ids: this.#request.returnTokenIds ? delta.tokenIds : null,
    };
  }

  #wholeChoice(choice: Choice, delta: ChoiceDelta): ChatChoice {
    return {
      index: choice.index,
      message: {
        role: this.#role(),
        content: this.#echo + delta.text,
        refusal: null,
        annotations: null,
        audio: null,
        function_call: null,
        reasoning: null,
      },
      logprobs: this.#logprobsOf(delta),
      finish_reason: delta.finish?.reason ?? "stop",
      stop_reason: delta.finish?.stopReason ?? null,
      token_ids: this.#request.returnTokenIds ? delta.tokenIds : null,
      routed_experts: null,
    };
  }

  /** A conversation that is continued keeps the role of its last message. */
  #role(): string {
    const { addGenerationPrompt, messages } = this.#request.conversation;
    return addGenerationPrompt ? "assistant" : (messages.at(-1)?.role ?? "assistant");
  }

  #promptLogprobs(): PromptLogprobs | null {
    const logprobs = this.#call.choices[0]!.promptLogprobs;
    return logprobs === null ? null : promptLogprobs(logprobs, this.#serving.tokenizer);
  }

  #promptTokenIds(): readonly number[] | null {
    return this.#request.returnTokenIds ? this.#call.options.prompts[0]!.tokenIds : null;
  }

  #continuousUsage(choice: Choice, completionTokens: number): Pick<ChatChunk, "usage"> {
    if (!this.#request.continuousUsage) return {};
    return { usage: usageCounts({ ...choice.tokenCounts, completion: completionTokens }) };
  }

  #logprobsOf(delta: ChoiceDelta): ChatLogprobs | null {
    const { tokensAsIds: asIds, sampling } = this.#request;
    const withChosen = sampling.logprobTokenIds !== null;
    const names = { tokenizer: this.#serving.tokenizer, asIds, withChosen };
    return delta.logprobs === null ? null : chatLogprobs(delta.logprobs, names);
  }
}

/** The last message, where it is of the role that answers. */
function echoOf({ messages }: Conversation, role: string): string {
  const last = messages.at(-1);
  if (last?.role !== role) return "";
  if (typeof last.content === "string") return last.content;
  return (last.content ?? []).map(({ text }) => text ?? "").join("\n");
}
