export { ApiError, invalidValue, modelNotFound } from "./api-error.ts";
export { parseAbortRequest } from "./abort-request.ts";
export {
  type ChatRequest,
  type Conversation,
  parseChatRequest,
  parseChatTokensRequest,
} from "./chat-request.ts";
export type * from "./chat-response.ts";
export {
  type CompletionRequest,
  parseCompletionRequest,
  type Prompt,
} from "./completion-request.ts";
export type * from "./completion-response.ts";
export { parseDerenderChatRequest, parseDerenderCompletionRequest } from "./derender-request.ts";
export type * from "./derender-request.ts";
export { type ErrorBody, errorBody } from "./error-body.ts";
export { type GenerateRequest, parseGenerateRequest } from "./generate-request.ts";
export type * from "./generate-response.ts";
export type {
  GenerationDefaults,
  GenerationRequest,
  RequestLimits,
  Sampling,
  Truncation,
} from "./generation-request.ts";
export { kvTransferParams, type KvTransferParams } from "./kv-transfer-params.ts";
export type { PromptLogprob, PromptLogprobs } from "./prompt-logprobs.ts";
export { renderedRequest, type RenderedRequest } from "./rendered-request.ts";
export { carriedTokensMax, requestIdCharsMax } from "./limits.ts";
export { modelCard, type ModelCard, type ModelList } from "./model-card.ts";
export { parseJsonBody } from "./parse-json-body.ts";
export { sseContentType, sseDone, sseEvent } from "./sse.ts";
export {
  type DetokenizeRequest,
  type DetokenizeResponse,
  parseDetokenizeRequest,
  parseTokenizeRequest,
  type TokenizeRequest,
  type TokenizeResponse,
} from "./tokenize-request.ts";
export { type TokenCounts, usage, usageCounts, type Usage, type UsageCounts } from "./usage.ts";
