import * as z from "zod";
import { isTable } from "../base/mod.ts";
import { kvTransferParamsField } from "./kv-transfer-params.ts";
import { cacheSaltCharsMax, stopTokenIdsMax } from "./limits.ts";

/** A token id fits in 32 bits; whether the vocabulary has it is for the server to say. */
const tokenId = z.int().min(0).max(0xffff_ffff);

/** vLLM's are integers of 64 bits; JSON numbers past 2^53 arrive rounded, which is as good for a seed. */
const seed = z
  .number()
  .min(-(2 ** 63))
  .max(2 ** 63)
  .refine(Number.isInteger, "expected an integer");

/**
 * Fields that completions and chat completions share. Types are checked here, ranges in `check-ranges.ts`,
 * because vLLM tells the two kinds of mistakes apart. null is as good as leaving a field out.
 */
export const generationFields = {
  model: z.string().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z
    .object({
      include_usage: z.boolean().nullish(),
      continuous_usage_stats: z.boolean().nullish(),
    })
    .nullish(),
  n: z.int().nullish(),
  max_tokens: z.int().nullish(),
  min_tokens: z.int().nullish(),
  temperature: z.number().nullish(),
  top_p: z.number().nullish(),
  top_k: z.int().nullish(),
  min_p: z.number().nullish(),
  seed: seed.nullish(),
  presence_penalty: z.number().nullish(),
  frequency_penalty: z.number().nullish(),
  repetition_penalty: z.number().nullish(),
  logit_bias: z
    .custom<Readonly<Record<string, number>>>(isNumberTable, "expected an object of numbers")
    .nullish(),
  stop: z
    .union([z.string(), z.array(z.string())], "expected a string or a list of strings")
    .nullish(),
  stop_token_ids: z.array(tokenId).max(stopTokenIdsMax).nullish(),
  echo: z.boolean().nullish(),
  prompt_logprobs: z.int().nullish(),
  logprob_token_ids: z.array(tokenId).nullish(),
  include_stop_str_in_output: z.boolean().nullish(),
  ignore_eos: z.boolean().nullish(),
  skip_special_tokens: z.boolean().nullish(),
  add_special_tokens: z.boolean().nullish(),
  truncate_prompt_tokens: z.int().nullish(),
  truncation_side: z.enum(["left", "right"]).nullish(),
  return_token_ids: z.boolean().nullish(),
  return_tokens_as_token_ids: z.boolean().nullish(),
  request_id: z.string().nullish(),
  cache_salt: z.string().min(1).max(cacheSaltCharsMax).nullish(),
  kv_transfer_params: kvTransferParamsField,
};

const generationSchema = z.object(generationFields);

export type GenerationFields = z.infer<typeof generationSchema>;

/** In place of `z.record()`, which takes microseconds an entry. */
function isNumberTable(value: unknown): boolean {
  return isTable(value) && Object.values(value).every((entry) => typeof entry === "number");
}
