import * as z from "zod";
import { ApiError } from "./api-error.ts";
import { buildGenerationRequest } from "./build-generation-request.ts";
import { checkLogprobCount } from "./check-logprobs.ts";
import { generationFields } from "./generation-fields.ts";
import type { GenerationRequest, RequestLimits } from "./generation-request.ts";
import { kvTransferParamsField } from "./kv-transfer-params.ts";
import { parseFields } from "./parse-fields.ts";
import { refuseUnsupported } from "./refuse-unsupported.ts";
import { tokenIdsField } from "./token-ids.ts";

/** A checked `POST /inference/v1/generate`: tokens in, tokens out. */
export interface GenerateRequest extends GenerationRequest {
  readonly tokenIds: readonly number[];
  /**
   * What the answer looks like. vLLM before 0.30 knew no `output_mode`; a request that says neither that nor
   * `return_token_ids` comes from a client of its time and gets the answer of its time.
   */
  readonly shape: "legacy" | "tokens" | "text";
}

const { kv_transfer_params, cache_salt, model, stream, stream_options, request_id, ...sampling } =
  generationFields;

/** vLLM's SamplingParams; fields of other endpoints that slip in are as good as unknown ones. */
const samplingParams = z.object({
  ...sampling,
  logprobs: z.int().nullish(),
  skip_reading_prefix_cache: z.boolean().nullish(),
  detokenize: z.boolean().nullish(),
  extra_args: z.object({ kv_transfer_params: kvTransferParamsField }).nullish(),
});

const schema = z.object({
  token_ids: tokenIdsField(1),
  sampling_params: samplingParams,
  output_mode: z.enum(["tokens", "text"]).optional(),
  return_token_ids: z.boolean().nullish(),
  kv_transfer_params,
  cache_salt,
  model,
  stream,
  stream_options,
  request_id,
});

/** @throws ApiError 400 in vLLM's shapes. */
export function parseGenerateRequest(
  body: Readonly<Record<string, unknown>>,
  limits: RequestLimits,
): GenerateRequest {
  const { token_ids: tokenIds, sampling_params: params, ...fields } = parseFields(schema, body);
  refuseUnsupported("generate", body);
  refuseUnsupported("sampling", body["sampling_params"] as Record<string, unknown>);
  const { output_mode: mode, return_token_ids } = fields;
  if (mode === "text" && params.detokenize === false)
    throw new ApiError(400, "output_mode text needs sampling_params.detokenize to be true.", {
      param: "output_mode",
    });
  const logprobs = checkLogprobCount(params.logprobs ?? null);
  const specifics = {
    maxTokens: params.max_tokens ?? null,
    maxTokensField: "max_tokens",
    logprobs,
    echoedLogprobs: null,
    addSpecialTokens: false,
    promptCount: 1,
  } as const;
  const together = {
    ...params,
    ...fields,
    echo: false,
    truncate_prompt_tokens: null,
    kv_transfer_params: fields.kv_transfer_params ?? params.extra_args?.kv_transfer_params,
  };
  // SamplingParams have defaults of their own, whatever the model's generation_config.json says.
  const server = { defaults: {}, limits };
  const request = buildGenerationRequest(together, specifics, server);
  const skipReadingPrefixCache = params.skip_reading_prefix_cache ?? false;
  return {
    ...request,
    sampling: { ...request.sampling, skipReadingPrefixCache },
    tokenIds,
    shape: mode ?? (return_token_ids === undefined ? "legacy" : "tokens"),
  };
}
