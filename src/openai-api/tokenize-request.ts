import * as z from "zod";
import { buildConversation, type Conversation, conversationFields } from "./chat-request.ts";
import { detokenizeTokensMax } from "./limits.ts";
import { parseFields } from "./parse-fields.ts";
import { tokenIdsField } from "./token-ids.ts";
import { unsupported } from "./api-error.ts";

/** A checked `POST /tokenize`: a prompt or a conversation. */
export interface TokenizeRequest {
  readonly model: string | null;
  readonly input: string | Conversation;
  readonly addSpecialTokens: boolean;
  readonly returnTokenStrings: boolean;
}

export interface TokenizeResponse {
  readonly count: number;
  readonly max_model_len: number;
  readonly tokens: readonly number[];
  readonly token_strs: readonly string[] | null;
}

/** A checked `POST /detokenize`. */
export interface DetokenizeRequest {
  readonly model: string | null;
  readonly tokens: readonly number[];
}

export interface DetokenizeResponse {
  readonly prompt: string;
}

const tokenizeFields = {
  model: z.string().nullish(),
  add_special_tokens: z.boolean().nullish(),
  return_token_strs: z.boolean().nullish(),
};

const textSchema = z.object({ ...tokenizeFields, prompt: z.string() });
const chatSchema = z.object({ ...tokenizeFields, ...conversationFields });

const tokens = tokenIdsField(0, detokenizeTokensMax);
const detokenizeSchema = z.object({ model: z.string().nullish(), tokens });

/** @throws ApiError 400. */
export function parseTokenizeRequest(body: Readonly<Record<string, unknown>>): TokenizeRequest {
  const isChat = Object.hasOwn(body, "messages");
  if (isChat && body["chat_template"]) throw unsupported("chat_template");
  const fields = isChat ? parseFields(chatSchema, body) : parseFields(textSchema, body);
  return {
    model: fields.model || null,
    input: "prompt" in fields ? fields.prompt : buildConversation(fields),
    addSpecialTokens: fields.add_special_tokens ?? !isChat,
    returnTokenStrings: fields.return_token_strs ?? false,
  };
}

/** @throws ApiError 400. */
export function parseDetokenizeRequest(body: Readonly<Record<string, unknown>>): DetokenizeRequest {
  const fields = parseFields(detokenizeSchema, body);
  return { model: fields.model || null, tokens: fields.tokens };
}
