import { unsupported } from "./api-error.ts";

type Body = Readonly<Record<string, unknown>>;

/** When a field counts as used. Most are off when they are absent, false, zero or empty. */
type IsUsed = (value: unknown) => boolean;

const isGiven: IsUsed = (value) => value !== undefined && value !== null;

const isOn: IsUsed = (value) => {
  if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
};

const isNotOne: IsUsed = (value) => isOn(value) && value !== 1;

const isNotText: IsUsed = (value) =>
  isGiven(value) &&
  !(typeof value === "object" && value !== null && "type" in value && value.type === "text");

/** What vLLM does on request and this engine does not. */
const generationFeatures: Readonly<Record<string, IsUsed>> = {
  allowed_token_ids: isGiven,
  bad_words: isOn,
  best_of: isNotOne,
  ec_transfer_params: isOn,
  repetition_detection: isGiven,
  response_format: isNotText,
  routed_experts_prompt_start: isOn,
  stream_interval: isNotOne,
  structured_outputs: isGiven,
  thinking_token_budget: isGiven,
  use_beam_search: isOn,
};

const completionFeatures = { ...generationFeatures, prompt_embeds: isGiven, suffix: isOn };

const chatFeatures = {
  ...generationFeatures,
  chat_template: isGiven,
  return_assistant_tokens_mask: isOn,
};

/** In the `sampling_params` of a generate request. */
const samplingFeatures = { ...generationFeatures, trace_decode_token_ids: isGiven };

const generateFeatures = {
  content_parts: isOn,
  ec_transfer_params: isOn,
  features: isGiven,
};

const featuresOf = {
  chat: chatFeatures,
  completion: completionFeatures,
  generate: generateFeatures,
  sampling: samplingFeatures,
};

/** @throws ApiError 400 naming the feature; a request is never answered as if it had not asked. */
export function refuseUnsupported(kind: keyof typeof featuresOf, body: Body): void {
  for (const [name, isUsed] of Object.entries<IsUsed>(featuresOf[kind]))
    if (Object.hasOwn(body, name) && isUsed(body[name])) throw unsupported(name);
}
