/**
 * Models by name: from the Hugging Face hub into the cache that all programs of Hugging Face share.
 *
 * @example
 * const settings = await readHubSettings(process.env);
 * const directory = await fetchModel(parseHubId("Qwen/Qwen3-0.6B")!, { settings, part: "all" });
 */
export { fetchModel, type DownloadProgress, type FetchOptions } from "./fetch-model.ts";
export { parseHubId, type HubId } from "./hub-id.ts";
export { readHubSettings, type HubSettings } from "./hub-settings.ts";
export { hubLimits, type HubLimits } from "./limits.ts";
export type { ModelPart } from "./needed-files.ts";
