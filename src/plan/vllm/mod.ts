/** The command line of one `vllm serve` process, for the release of vLLM that will read it. */
export { all2allBackendFor, all2allBackendNames } from "./all2all-backend.ts";
export type { DataParallelLaunch } from "./data-parallel.ts";
export { protectedEnvVars } from "./environment.ts";
export type { EplbConfig } from "./expert-parallel.ts";
export {
  chooseVllmVersion,
  kvEventShape,
  vllmFacts,
  vllmHas,
  vllmReleasesOf,
  vllmSupport,
  type ChosenVllm,
  type VllmFact,
  type VllmFactName,
} from "./facts.ts";
export type { JsonTable, JsonValue } from "./flag-words.ts";
export { kvConnectorNames, type KvTransferConfig } from "./kv-connectors.ts";
export type { KvEventsOptions } from "./kv-events.ts";
export type { KvCacheOffloadOptions } from "./kv-offload.ts";
export type { KvTransferOptions } from "./kv-transfer.ts";
export { roundLoraRank, vllmLoraRanks, type LoraOptions } from "./lora.ts";
export type { VllmServeOptions } from "./options.ts";
export { checkVllmServe, vllmServe, type VllmCommand } from "./vllm-serve.ts";
export {
  compareVllmVersions,
  parseVllmVersion,
  vllmVersionText,
  type VllmVersion,
} from "./version.ts";
export type { VllmMistake } from "./written.ts";
