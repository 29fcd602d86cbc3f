import * as z from "zod";
import { isTable } from "../base/mod.ts";
import { derenderCandidatesMax, carriedTokensMax } from "./limits.ts";
import { parseFields } from "./parse-fields.ts";
import type { PromptLogprobs } from "./prompt-logprobs.ts";
import { tokenIdsField } from "./token-ids.ts";

/** One entry of a generate answer's logprobs: the token by its id, or as `token_id:N` before vLLM 0.30. */
const logprob = z.object({
  token_id: z.int().min(0).optional(),
  token: z.string().optional(),
  logprob: z.number(),
  rank: z.int().nullish(),
});

const choice = z.object({
  index: z.int().min(0),
  token_ids: tokenIdsField(0).nullish(),
  finish_reason: z.enum(["stop", "length", "abort"]).nullish(),
  logprobs: z
    .object({
      content: z
        .array(
          logprob.extend({ top_logprobs: z.array(logprob).max(derenderCandidatesMax).nullish() }),
        )
        .nullish(),
    })
    .nullish(),
});

const promptLogprobs = z.custom<PromptLogprobs>(
  (value) => Array.isArray(value) && value.every((entry) => entry === null || isTable(entry)),
  "expected a list of objects and null",
);

const usage = z.object({ prompt_tokens: z.int(), completion_tokens: z.int().nullish() });

/** A text cannot be derendered again: its tokens hold what a stop string has cut from it. */
const outputMode = z.literal("tokens").optional();

const generateResponse = z.object({
  request_id: z.string(),
  output_mode: outputMode,
  choices: z.array(choice),
  prompt_logprobs: promptLogprobs.nullish(),
  prompt_token_ids: tokenIdsField(0).nullish(),
  kv_transfer_params: z.custom<object>(isTable, "expected an object").nullish(),
});

const generateChunk = z.object({
  request_id: z.string(),
  output_mode: outputMode,
  choices: z.array(choice).max(1, "expected at most one choice a chunk"),
  prompt_token_ids: tokenIdsField(0).nullish(),
  usage: usage.nullish(),
});

/** What a client carries from one chunk of a stream to the next. */
const streamState = z.object({
  /** The end of the prompt: the context of the first token. */
  prompt_token_ids: tokenIdsField(0, carriedTokensMax),
  /** The last tokens of the answer, among them those whose text waits for the rest of a character. */
  output_token_ids: tokenIdsField(0, carriedTokensMax),
  role_sent: z.boolean(),
  /** Code points that are out. */
  text_offset: z.int().min(0),
});

/** What of the original request matters to the text. */
const textOptions = z
  .object({
    skip_special_tokens: z.boolean().nullish(),
    return_tokens_as_token_ids: z.boolean().nullish(),
  })
  .nullish();

const shared = { model: z.string().nullish() };
const streamFields = {
  ...shared,
  stream: z.literal(true),
  generate_chunk: generateChunk,
  stream_state: streamState.nullish(),
  prompt_tokens: z.int().min(0).nullish(),
  prompt_token_ids: tokenIdsField(0).nullish(),
};
const wholeStream = z.literal(false).nullish();

const chat = z.object({
  ...shared,
  stream: wholeStream,
  generate_response: generateResponse,
  prompt_tokens: z.int().min(0).nullish(),
  prompt_token_ids: tokenIdsField(0).nullish(),
  chat_request: textOptions,
});
const chatStream = z.object({ ...streamFields, chat_request: textOptions });

const completion = z
  .object({
    ...shared,
    stream: wholeStream,
    generate_responses: z.array(generateResponse).min(1, "generate_responses must not be empty"),
    prompt_tokens: z.array(z.int().min(0)).nullish(),
    prompt_token_ids: z.array(tokenIdsField(0).nullable()).nullish(),
    completion_request: textOptions,
  })
  .refine(
    ({ generate_responses: { length }, prompt_tokens }) =>
      (prompt_tokens?.length ?? length) === length,
    {
      message: "its length must equal that of generate_responses",
      path: ["prompt_tokens"],
    },
  )
  .refine(
    ({ generate_responses: { length }, prompt_token_ids }) =>
      (prompt_token_ids?.length ?? length) === length,
    { message: "its length must equal that of generate_responses", path: ["prompt_token_ids"] },
  );
const completionStream = z.object({ ...streamFields, completion_request: textOptions });

export type DerenderedChoice = z.infer<typeof choice>;
export type DerenderedLogprobs = NonNullable<NonNullable<DerenderedChoice["logprobs"]>["content"]>;
export type DerenderedLogprob = z.infer<typeof logprob>;
export type DerenderStreamState = z.infer<typeof streamState>;
export type DerenderTextOptions = z.infer<typeof textOptions>;
export type DerenderChatRequest = z.infer<typeof chat>;
export type DerenderCompletionRequest = z.infer<typeof completion>;
/** A chunk of either endpoint. */
export type DerenderStreamRequest = Omit<z.infer<typeof chatStream>, "chat_request"> & {
  readonly options: DerenderTextOptions;
};

type Body = Readonly<Record<string, unknown>>;

/** @throws ApiError 400. */
export function parseDerenderChatRequest(body: Body): DerenderChatRequest | DerenderStreamRequest {
  if (body["stream"] !== true) return parseFields(chat, body);
  const { chat_request: options, ...fields } = parseFields(chatStream, body);
  return { ...fields, options };
}

/** @throws ApiError 400. */
export function parseDerenderCompletionRequest(
  body: Body,
): DerenderCompletionRequest | DerenderStreamRequest {
  if (body["stream"] !== true) return parseFields(completion, body);
  const { completion_request: options, ...fields } = parseFields(completionStream, body);
  return { ...fields, options };
}
