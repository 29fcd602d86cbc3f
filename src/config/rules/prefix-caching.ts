import type { Config } from "../schema/config.ts";
import { offloadInUse } from "./offload-in-use.ts";
import { adjust, mistake, type RuleFinding } from "./finding.ts";

/** Blocks are found again in the offload by their prefix. */
export function prefixCaching(config: Config): readonly RuleFinding[] {
  const key = "enable_prefix_caching";
  const offload = offloadInUse(config);
  if (offload === undefined || config.enable_prefix_caching === true) return [];
  const [section] = offload.split(".");
  if (config.enable_prefix_caching === false)
    return [mistake(`Expected true: ${section} finds blocks by their prefix`, key)];
  const message = `set to true, as ${section} finds blocks by their prefix`;
  return [adjust(key, true, { message, causes: [offload] })];
}
