import { vllmHas, vllmReleasesOf } from "./facts.ts";
import type { KvTransferConfig } from "./kv-connectors.ts";
import { noWritten, type Written } from "./written.ts";
import type { VllmVersion } from "./version.ts";

/** vLLM's own offloading: a CPU tier, and a disk tier behind it. */
export interface KvCacheOffloadOptions {
  /** CPU memory of this whole instance, shared out among its workers by vLLM. */
  readonly cpuBytes: number;
  /** Directory of the disk tier; the file system bounds it. */
  readonly diskPath?: string | null;
  /** Tokens of one offloaded block, a multiple of the GPU's block; null takes the GPU's. */
  readonly blockSize?: number | null;
}

/** The offload tiers as a KV connector: bytes are exact here, where `--kv-offloading-size` counts GiB. */
export function offloadConnector(
  offload: KvCacheOffloadOptions,
  version: VllmVersion,
): Written<KvTransferConfig> {
  const { cpuBytes, diskPath, blockSize } = offload;
  const tiers = diskPath
    ? {
        spec_name: "TieringOffloadingSpec",
        secondary_tiers: [
          { type: vllmHas(version, "fileTierIsFs") ? "fs" : "fs_python", root_dir: diskPath },
        ],
      }
    : {};
  const connector: KvTransferConfig = {
    kv_connector: "OffloadingConnector",
    kv_role: "kv_both",
    kv_connector_extra_config: {
      cpu_bytes_to_use: cpuBytes,
      ...(blockSize ? { block_size: blockSize } : {}),
      ...tiers,
    },
  };
  if (!diskPath || vllmHas(version, "tieringSpec")) return noWritten(connector);
  const message = `Expected a CPU tier alone: a disk tier needs ${vllmReleasesOf("tieringSpec")}`;
  return { ...noWritten(connector), mistakes: [{ option: "kvCacheOffload.diskPath", message }] };
}
