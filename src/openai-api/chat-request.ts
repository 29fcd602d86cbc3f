import * as z from "zod";
import { isTable } from "../base/mod.ts";
import { ApiError, invalidValue, unsupported } from "./api-error.ts";
import { buildGenerationRequest } from "./build-generation-request.ts";
import { generationFields } from "./generation-fields.ts";
import type { GenerationDefaults, GenerationRequest, RequestLimits } from "./generation-request.ts";
import { logprobsMax, messagesMax } from "./limits.ts";
import { parseFields } from "./parse-fields.ts";
import { refuseUnsupported } from "./refuse-unsupported.ts";
import { tokenIdsField } from "./token-ids.ts";

const message = z.looseObject({
  role: z.string(),
  content: z
    .union(
      [
        z.string(),
        z.array(
          z.looseObject({
            type: z.string().optional(),
            text: z.string().optional(),
            refusal: z.string().optional(),
          }),
        ),
      ],
      "expected a string or a list of content parts",
    )
    .nullish(),
});

/** In place of `z.record()`, which takes microseconds an entry. */
const table = z.custom<Readonly<Record<string, unknown>>>(isTable, "expected an object");

export type MessageParam = z.infer<typeof message>;

/** The part of a request that says how messages become a prompt; chat and `/tokenize` share it. */
export const conversationFields = {
  // The length is checked before the messages are, so that a million of them cost nothing.
  messages: z.array(z.unknown()).max(messagesMax).pipe(z.array(message)),
  add_generation_prompt: z.boolean().nullish(),
  continue_final_message: z.boolean().nullish(),
  chat_template_kwargs: table.nullish(),
  documents: z.array(table).nullish(),
  tools: z.array(z.unknown()).nullish(),
};

const conversationSchema = z.object(conversationFields);

export interface Conversation {
  readonly messages: readonly MessageParam[];
  readonly addGenerationPrompt: boolean;
  readonly continueFinalMessage: boolean;
  readonly templateKwargs: Readonly<Record<string, unknown>>;
  readonly tools?: readonly unknown[];
  readonly documents?: readonly unknown[];
}

/** A checked `POST /v1/chat/completions`. */
export interface ChatRequest extends GenerationRequest {
  readonly conversation: Conversation;
  readonly returnPromptText: boolean;
}

const schema = z.object({
  ...generationFields,
  ...conversationFields,
  max_completion_tokens: z.int().nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.int().nullish(),
  tool_choice: z.unknown().optional(),
  reasoning_effort: z.string().nullish(),
  return_prompt_text: z.boolean().nullish(),
});

type ChatFields = z.infer<typeof schema>;

/** @throws ApiError 400 in vLLM's shapes. */
export function parseChatRequest(
  body: Readonly<Record<string, unknown>>,
  server: { readonly defaults: GenerationDefaults; readonly limits: RequestLimits },
): ChatRequest {
  const fields = parseFields(schema, body);
  refuseUnsupported("chat", body);
  refuseToolCalls(fields);
  const conversation = buildConversation(fields);
  const specifics = {
    ...maxTokensOf(fields),
    logprobs: logprobsOf(fields),
    echoedLogprobs: Math.max(0, fields.top_logprobs ?? 0),
    addSpecialTokens: false,
    promptCount: 1,
  } as const;
  const generation = buildGenerationRequest(fields, specifics, server);
  const effort = fields.reasoning_effort;
  return {
    ...generation,
    conversation: effort ? withReasoningEffort(conversation, effort) : conversation,
    returnPromptText: fields.return_prompt_text ?? false,
  };
}

/** A checked `POST /v1/chat/completions/tokens`: the tokens stand for what the messages would be rendered to. */
export interface ChatTokensRequest extends ChatRequest {
  readonly tokens: readonly number[];
}

const tokensSchema = z.object({ tokens: tokenIdsField(1) });

/** @throws ApiError 400 in vLLM's shapes. */
export function parseChatTokensRequest(
  body: Readonly<Record<string, unknown>>,
  server: { readonly defaults: GenerationDefaults; readonly limits: RequestLimits },
): ChatTokensRequest {
  const { tokens } = parseFields(tokensSchema, body);
  return { ...parseChatRequest(body, server), tokens };
}

/** @throws ApiError 400 when the options contradict each other. */
export function buildConversation(fields: z.infer<typeof conversationSchema>): Conversation {
  const addGenerationPrompt = fields.add_generation_prompt ?? true;
  const continueFinalMessage = fields.continue_final_message ?? false;
  if (addGenerationPrompt && continueFinalMessage) {
    const text = "Cannot set both continue_final_message and add_generation_prompt to true.";
    throw new ApiError(400, text, { param: "continue_final_message" });
  }
  if (fields.messages.length === 0)
    throw invalidValue("messages", "[]", "messages cannot be empty.");
  return {
    messages: fields.messages,
    addGenerationPrompt,
    continueFinalMessage,
    templateKwargs: fields.chat_template_kwargs ?? {},
    ...(fields.tools ? { tools: fields.tools } : {}),
    ...(fields.documents ? { documents: fields.documents } : {}),
  };
}

/** Tools may stand in the prompt; calls are not parsed out of the answer, so none may be asked for. */
function refuseToolCalls(fields: ChatFields): void {
  if (fields.tools?.length === 0)
    throw invalidValue("tools", "[]", "tools cannot be an empty list.");
  const choice = fields.tool_choice ?? (fields.tools ? "auto" : "none");
  if (choice === "none") return;
  throw fields.tools
    ? unsupported("tools", 'tools with a tool_choice other than "none"')
    : unsupported("tool_choice");
}

function maxTokensOf(fields: ChatFields): Pick<GenerationRequest, "maxTokens" | "maxTokensField"> {
  const completionTokens = fields.max_completion_tokens ?? null;
  if (completionTokens === null)
    return { maxTokens: fields.max_tokens ?? null, maxTokensField: "max_tokens" };
  return { maxTokens: completionTokens, maxTokensField: "max_completion_tokens" };
}

function logprobsOf(fields: ChatFields): number | null {
  const top = fields.top_logprobs ?? 0;
  if (top < -1 || top > logprobsMax)
    throw invalidValue("top_logprobs", top, `top_logprobs must be in [0, ${logprobsMax}] or -1.`);
  if (fields.logprobs === true) return top === -1 ? logprobsMax : top;
  if (top !== 0) throw invalidValue("top_logprobs", top, "top_logprobs needs logprobs to be true.");
  return null;
}

function withReasoningEffort(conversation: Conversation, effort: string): Conversation {
  const templateKwargs = { reasoning_effort: effort, ...conversation.templateKwargs };
  return { ...conversation, templateKwargs };
}
