export { startEngine } from "./engine.ts";
export type {
  Dtype,
  Engine,
  EngineOptions,
  EngineOutput,
  EngineRequest,
  EngineStats,
  FinishReason,
  LoadProgress,
  ModelSummary,
  OutputListener,
  SampledLogprobs,
  SamplingParams,
  TokenLogprob,
} from "./types.ts";
