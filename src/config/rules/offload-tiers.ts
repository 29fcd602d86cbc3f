import type { Config } from "../schema/config.ts";
import { mistake, type RuleFinding } from "./finding.ts";

/** Smallest segment that a Mooncake client contributes: 16 MiB. */
const mooncakeBytesMin = 16_777_216;

/** Blocks go to the memory of the CPU first; disk is a tier behind it. */
export function offloadTiers({ kv_cache_offload }: Config): readonly RuleFinding[] {
  if (kv_cache_offload === null) return [];
  const { type, cpu } = kv_cache_offload;
  if (cpu !== null) {
    if (type === "native" || cpu.num_bytes >= mooncakeBytesMin) return [];
    const least = `Expected at least ${mooncakeBytesMin}: mooncake takes no smaller share of a node`;
    return [mistake(least, "kv_cache_offload.cpu.num_bytes")];
  }
  const message =
    kv_cache_offload.disk === null
      ? "Expected [kv_cache_offload.cpu] with num_bytes, found none"
      : "Expected [kv_cache_offload.cpu] beside it: disk is a tier behind the memory of the CPU";
  const section = "kv_cache_offload";
  const paths = [`${section}.disk`, `${section}.type`, section, `${section}.cpu`];
  return [mistake(message, ...paths)];
}
