import type { Config } from "../schema/config.ts";
import { adjust, mistake, type RuleFinding } from "./finding.ts";

/** Blocks are found again in the offload by their prefix. */
export function prefixCaching(config: Config): readonly RuleFinding[] {
  const key = "enable_prefix_caching";
  if (config.kv_cache_offload === null || config.enable_prefix_caching === true) return [];
  if (config.enable_prefix_caching === false)
    return [mistake("Expected true: kv_cache_offload finds blocks by their prefix", key)];
  const message = "set to true, as kv_cache_offload finds blocks by their prefix";
  return [adjust(key, true, { message, causes: ["kv_cache_offload"] })];
}
