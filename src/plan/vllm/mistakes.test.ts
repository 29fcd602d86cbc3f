import assert from "node:assert/strict";
import { test } from "node:test";
import { commandMistakes } from "./mistakes.ts";
import type { VllmServeOptions } from "./options.ts";
import { parseVllmVersion } from "./version.ts";

const options: VllmServeOptions = { version: null, model: "m", isMoe: true, port: 1 };
const found = (more: Partial<VllmServeOptions>, version = "0.33.0"): readonly string[] =>
  commandMistakes({ ...options, ...more }, parseVllmVersion(version)!).map(({ option }) => option);

test("commandMistakes() finds nothing in a plain command", () => {
  assert.deepEqual(found({}), []);
});

test("commandMistakes() refuses names that would be read as flags", () => {
  assert.deepEqual(found({ model: "-x" }), ["model"]);
  assert.deepEqual(found({ model: "" }), ["model"]);
  assert.deepEqual(found({ servedModelNames: ["a", "--port"] }), ["servedModelNames"]);
});

test("commandMistakes() refuses a LoRA rank beyond vLLM's", () => {
  const lora = { maxLoraRank: 513, allowRuntimeUpdating: false };
  assert.deepEqual(found({ lora }), ["lora.maxLoraRank"]);
});

test("commandMistakes() refuses expert parallelism of a dense model", () => {
  assert.deepEqual(found({ isMoe: false, enableExpertParallel: true }), ["enableExpertParallel"]);
});

test("commandMistakes() wants experts and more than one GPU for EPLB", () => {
  assert.deepEqual(found({ enableEplb: true, tensorParallelSize: 2 }), ["enableEplb"]);
  assert.deepEqual(found({ enableEplb: true, enableExpertParallel: true }), ["enableEplb"]);
  const good = { enableEplb: true, enableExpertParallel: true, tensorParallelSize: 2 };
  assert.deepEqual(found(good), []);
  assert.deepEqual(found({ eplbConfig: { num_redundant_experts: 1 } }), ["enableEplb"]);
});

test("commandMistakes() wants a backend for DBO that overlaps two batches", () => {
  const dbo = { enableExpertParallel: true, enableDbo: true };
  for (const all2allBackend of [null, "allgather_reducescatter", "pplx", "mori_low_latency"])
    assert.deepEqual(found({ ...dbo, all2allBackend }), ["enableDbo"]);
  for (const all2allBackend of ["deepep_low_latency", "deepep_high_throughput", "nixl_ep"])
    assert.deepEqual(found({ ...dbo, all2allBackend }), []);
});

test("commandMistakes() counts API servers where adapters or headless nodes forbid them", () => {
  const lora = { maxLoraRank: 8, allowRuntimeUpdating: true };
  assert.deepEqual(found({ lora, apiServerCount: 2 }), ["apiServerCount"]);
  assert.deepEqual(found({ lora, apiServerCount: 1 }), []);
  const launch = {
    pattern: "internal-nodes",
    size: 2,
    sizeLocal: 1,
    startRank: 1,
    address: "a",
    rpcPort: 1,
  } as const;
  assert.deepEqual(found({ launch, apiServerCount: 1 }), ["apiServerCount"]);
});

test("commandMistakes() knows when weight transfer backends came, and leaves plug-ins alone", () => {
  assert.deepEqual(found({ weightTransferBackend: "sparse_nccl" }, "0.24.0"), [
    "weightTransferBackend",
  ]);
  for (const backend of ["sparse_nccl", "nccl", "my_plugin"])
    assert.deepEqual(found({ weightTransferBackend: backend }, "0.25.0"), []);
});

test("commandMistakes() refuses routed experts beside connectors as the release does", () => {
  const routed = { enableReturnRoutedExperts: true };
  const nixl = { config: { kv_connector: "NixlConnector", kv_role: "kv_both" } } as const;
  const kvCacheOffload = { cpuBytes: 1 };
  const option = ["enableReturnRoutedExperts"];
  assert.deepEqual(found(routed), []);
  assert.deepEqual(found({ ...routed, kvTransfer: nixl }), option);
  assert.deepEqual(found({ ...routed, kvCacheOffload }, "0.30.0"), option);
  assert.deepEqual(found({ ...routed, kvCacheOffload }, "0.31.0"), []);
  assert.deepEqual(found({ ...routed, kvTransfer: nixl }, "0.21.0"), []);
  assert.deepEqual(found({ ...routed, pipelineParallelSize: 2 }), option);
  assert.deepEqual(found({ ...routed, enablePrefixCaching: false }, "0.30.0"), []);
  assert.deepEqual(found({ ...routed, enablePrefixCaching: false }, "0.31.0"), option);
});
