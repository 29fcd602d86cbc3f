import assert from "node:assert/strict";
import { test } from "node:test";
import { configKeyOf } from "./config-key.ts";

test("configKeyOf() names the key of the configuration that an option comes from", () => {
  const keys: Readonly<Record<string, string>> = {
    enableEplb: "enable_eplb",
    all2allBackend: "all2all_backend",
    "kvTransfer.config.kv_connector": "kv_transfer.kv_connector",
    "kvCacheOffload.diskPath": "kv_cache_offload.disk.path",
    "eplbConfig.enable_migration_batching": "eplb_config.enable_migration_batching",
    "envVars.VLLM_HOST_IP": "env_vars.VLLM_HOST_IP",
    "vllmExtra.data-parallel-size": "vllm_extra.data-parallel-size",
    version: "vllm.version",
    "lora.maxLoraRank": "max_lora_rank",
  };
  for (const [option, key] of Object.entries(keys)) assert.equal(configKeyOf(option), key);
});
