import { invalidValue } from "./api-error.ts";
import { checkLogprobs } from "./check-logprobs.ts";
import { checkRanges, logitBiasOf, stopStringsOf } from "./check-ranges.ts";
import type { GenerationFields } from "./generation-fields.ts";
import type {
  GenerationDefaults,
  GenerationRequest,
  RequestLimits,
  Sampling,
  Truncation,
} from "./generation-request.ts";
import { kvTransferWishOf } from "./kv-transfer-params.ts";

/** Below it vLLM takes this temperature, which is greedy in effect and does not overflow. */
const temperatureMin = 0.01;

/** What the two endpoints say differently. */
export interface GenerationSpecifics {
  readonly maxTokens: number | null;
  readonly maxTokensField: GenerationRequest["maxTokensField"];
  readonly logprobs: number | null;
  /** Where the request echoes its prompt and says nothing itself. */
  readonly echoedLogprobs: number | null;
  readonly addSpecialTokens: boolean;
  readonly promptCount: number;
}

/**
 * Checks ranges and fills in defaults.
 *
 * @throws ApiError 400.
 */
export function buildGenerationRequest(
  fields: GenerationFields,
  specifics: GenerationSpecifics,
  server: { readonly defaults: GenerationDefaults; readonly limits: RequestLimits },
): GenerationRequest {
  checkRanges(fields);
  checkMaxTokens(specifics);
  checkLogprobs(fields, specifics.logprobs);
  const n = fields.n ?? 1;
  checkChoiceCount(n, specifics.promptCount, server.limits);
  const includeUsage = fields.stream_options?.include_usage ?? false;
  const stream = fields.stream ?? false;
  return {
    model: fields.model || null,
    stream,
    includeUsage,
    continuousUsage: includeUsage && (fields.stream_options?.continuous_usage_stats ?? false),
    n,
    maxTokens: specifics.maxTokens,
    maxTokensField: specifics.maxTokensField,
    sampling: buildSampling(fields, specifics, server.defaults),
    stopStrings: stopStringsOf(fields),
    includeStopString: fields.include_stop_str_in_output ?? false,
    skipSpecialTokens: fields.skip_special_tokens ?? true,
    addSpecialTokens: fields.add_special_tokens ?? specifics.addSpecialTokens,
    truncation: truncationOf(fields),
    echo: fields.echo ?? false,
    returnTokenIds: fields.return_token_ids ?? false,
    tokensAsIds: fields.return_tokens_as_token_ids ?? false,
    requestId: fields.request_id || null,
    cacheSalt: fields.cache_salt ?? null,
    kvTransfer: kvTransferWishOf(fields.kv_transfer_params, { stream }),
  };
}

function checkMaxTokens({ maxTokens, maxTokensField }: GenerationSpecifics): void {
  if (maxTokens !== null && maxTokens < 1)
    throw invalidValue(
      maxTokensField,
      maxTokens,
      `${maxTokensField} must be at least 1, got ${maxTokens}.`,
    );
}

function checkChoiceCount(n: number, promptCount: number, limits: RequestLimits): void {
  if (promptCount > limits.promptsMax)
    throw invalidValue(
      "prompt",
      promptCount,
      `At most ${limits.promptsMax} prompts fit a request.`,
    );
  if (n * promptCount > limits.choicesMax)
    throw invalidValue("n", n, `At most ${limits.choicesMax} choices fit a request.`);
}

function buildSampling(
  fields: GenerationFields,
  { logprobs, echoedLogprobs }: GenerationSpecifics,
  defaults: GenerationDefaults,
): Sampling {
  const temperature = fields.temperature ?? defaults.temperature ?? 1;
  return {
    temperature: temperature === 0 ? 0 : Math.max(temperature, temperatureMin),
    topP: fields.top_p ?? defaults.top_p ?? 1,
    topK: Math.max(0, fields.top_k ?? defaults.top_k ?? 0),
    minP: fields.min_p ?? defaults.min_p ?? 0,
    seed: seedOf(fields),
    presencePenalty: fields.presence_penalty ?? 0,
    frequencyPenalty: fields.frequency_penalty ?? 0,
    repetitionPenalty: fields.repetition_penalty ?? defaults.repetition_penalty ?? 1,
    stopTokenIds: fields.stop_token_ids ?? [],
    ignoreEos: fields.ignore_eos ?? false,
    minTokens: fields.min_tokens ?? 0,
    logitBias: logitBiasOf(fields),
    logprobs,
    logprobTokenIds: fields.logprob_token_ids ?? null,
    promptLogprobs: fields.prompt_logprobs ?? (fields.echo === true ? echoedLogprobs : null),
  };
}

/** Folded into 53 bits where it is wider, because n answers count on from it, which must be exact. */
function seedOf({ seed }: GenerationFields): number | null {
  if (seed === undefined || seed === null || seed === -1) return null;
  return Number(BigInt.asIntN(53, BigInt(seed)));
}

function truncationOf(fields: GenerationFields): Truncation | null {
  const tokensMax = fields.truncate_prompt_tokens ?? null;
  return tokensMax === null ? null : { tokensMax, side: fields.truncation_side ?? "left" };
}
