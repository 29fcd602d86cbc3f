export type { RouterBackend } from "./backend.ts";
export {
  llmdDefaultPorts,
  type LlmdPorts,
  llmdRouter,
  type LlmdRouter,
  type LlmdRouterOptions,
} from "./llmd/llmd-router.ts";
export { pdSidecar, type PdSidecarOptions, type SidecarKvConnector } from "./llmd/pd-sidecar.ts";
export {
  llmdDefaultWeights,
  llmdScorers,
  llmdScorersThatNeedMore,
  type ScorerWeights,
} from "./llmd/scorers.ts";
export { penstockRouter, type PenstockRouterOptions } from "./penstock-router.ts";
export { jsonFile, type ProcessSpec, type SpecPort } from "./process-spec.ts";
export {
  vllmRouter,
  type VllmRouterOptions,
  vllmRouterPolicies,
  type VllmRouterPolicy,
} from "./vllm-router.ts";
