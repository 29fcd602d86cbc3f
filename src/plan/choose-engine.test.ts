import assert from "node:assert/strict";
import { test } from "node:test";
import { configOf } from "./test-support/config-of.ts";
import { chooseEngine } from "./choose-engine.ts";

test("chooseEngine() takes the engine that is named, without a word", async () => {
  for (const engine of ["embedded", "vllm"] as const)
    assert.deepEqual(chooseEngine(await configOf("--engine", engine)), { engine, notices: [] });
});

test("chooseEngine() takes the embedded engine where nothing asks for vLLM, and says so", async () => {
  const { engine, notices } = chooseEngine(await configOf("--parallel.dp", "2"));
  assert.equal(engine, "embedded");
  assert.match(notices[0]!, /takes the embedded engine/);
});

test("chooseEngine() takes vLLM where a key asks for it, and names the key", async () => {
  const cases = [
    [["--parallel.tp", "2"], /parallel\.tp asks for/],
    [["--enable-expert-parallel"], /enable_expert_parallel asks for/],
    [["--slurm.partition", "p"], /\[slurm\] asks for/],
    [["--deployment.type", "multi_node", "--slurm.partition", "p"], /asks for/],
    [["--pd-disagg.decode-gpu-ids", "1"], /\[pd_disagg\] asks for/],
    [["--kv-transfer.kv-connector", "NixlConnector"], /\[kv_transfer\] asks for/],
    [["--kv-cache-offload.cpu.num-bytes", "1"], /\[kv_cache_offload\] asks for/],
    [["--enable-lora"], /enable_lora asks for/],
    [["--enable-return-routed-experts"], /enable_return_routed_experts asks for/],
    [["--vllm-extra.max-logprobs", "5"], /vllm_extra asks for/],
  ] as const;
  for (const [words, notice] of cases) {
    const { engine, notices } = chooseEngine(await configOf(...words));
    assert.equal(engine, "vllm", words.join(" "));
    assert.match(notices.join("\n"), notice);
  }
});
