import type { Config } from "../schema/config.ts";
import { mistake, type RuleFinding } from "./finding.ts";

/** Blocks go to the memory of the CPU first; disk is a tier behind it. */
export function offloadTiers({ kv_cache_offload }: Config): readonly RuleFinding[] {
  if (kv_cache_offload === null || kv_cache_offload.cpu !== null) return [];
  const message =
    kv_cache_offload.disk === null
      ? "Expected [kv_cache_offload.cpu] with num_bytes, found none"
      : "Expected [kv_cache_offload.cpu] beside it: disk is a tier behind the memory of the CPU";
  const section = "kv_cache_offload";
  const paths = [`${section}.disk`, `${section}.type`, section, `${section}.cpu`];
  return [mistake(message, ...paths)];
}
