import { createHash } from "node:crypto";
import type { KvMemory } from "../kv-memory.ts";
import { blockStrideOf, type MemoryPlan } from "./memory-plan.ts";

/** Of each weight tensor so much goes into the fingerprint: enough to tell a model from its fine-tuned sibling. */
const sampleBytes = 256;

/** Where the cache lies, and what its blocks mean. The weights must be loaded. */
export function kvMemoryOf(plan: MemoryPlan, buffer: ArrayBufferLike): KvMemory {
  const { config, blockSize, blockCount } = plan;
  return {
    buffer,
    planes: plan.caches.flatMap(({ keys, values }) => [keys, values]),
    blockBytes: blockStrideOf(config, blockSize) * 4,
    blockCount,
    facts: {
      model: fingerprintOf(plan, buffer),
      dtype: "float32",
      layerCount: config.numHiddenLayers,
      kvHeadCount: config.numKeyValueHeads,
      headDim: config.headDim,
      blockSize,
    },
  };
}

/** Equal for engines that compute the same keys and values from the same tokens, wherever their files came from. */
function fingerprintOf({ config, places }: MemoryPlan, buffer: ArrayBufferLike): string {
  const digest = createHash("sha256").update(JSON.stringify(config));
  for (const { name, address, dtype } of places) {
    digest.update(`${name} ${dtype} `);
    digest.update(new Uint8Array(buffer, address, sampleBytes).slice());
  }
  return digest.digest("hex");
}
