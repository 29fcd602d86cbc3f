import assert from "node:assert/strict";
import { test } from "node:test";
import { makePlan } from "../make-plan.ts";
import { configOf } from "../test-support/config-of.ts";
import { testInventory } from "../test-support/inventory.ts";
import { processesOf } from "../test-support/processes-of.ts";

test("rankProcesses() gives GPUs to vLLM and cores to the embedded engine", async () => {
  const vllm = (await processesOf("--engine=vllm", "--parallel.tp=2")).get("rank-0")!;
  assert.deepEqual([vllm.gpus, vllm.env["CUDA_VISIBLE_DEVICES"]], [[0, 1], "0,1"]);
  const embedded = (await processesOf("--engine=embedded")).get("rank-0")!;
  assert.deepEqual([embedded.gpus, embedded.env], [[], {}]);
});

test("rankProcesses() says whom a rank belongs to, and starts it after its router", async () => {
  const words = ["--slurm.partition=p", "--deployment.type=disaggregated", "--parallel.tp=8"];
  const processes = await processesOf(...words);
  const { kind, role, replica, instance, rank, after, ready } = processes.get("decode-0-rank-0")!;
  assert.deepEqual(
    [kind, role, replica, instance, rank, after],
    ["engine", "decode", 0, "decode-0", 0, []],
  );
  assert.deepEqual(ready, {
    kind: "model",
    url: "http://{node:1}:8100/v1/models",
    model: "penstock/reverse-moe",
    timeoutMs: 4_200_000,
  });
  assert.deepEqual(processes.get("prefill-0-rank-0")!.after, ["router-0"]);
});

test("rankProcesses() hands each decode rank's connector to its sidecar", async () => {
  const words = ["--slurm.partition=p", "--deployment.type=disaggregated", "--parallel.tp=8"];
  const sidecarOf = async (...more: readonly string[]) =>
    (await processesOf(...words, "--router.type=llm-d", ...more)).get("decode-0-rank-0-sidecar")!;
  assert.ok((await sidecarOf()).argv.includes("nixlv2"));
  const mooncake = await sidecarOf("--kv-transfer.kv-connector=MooncakeConnector");
  assert.match(mooncake.argv.join(" "), /--kv-connector mooncake --mooncake-bootstrap-port 8998 /);
});

test("rankProcesses() tells that a sidecar knows one port of Mooncake's bootstrap servers", async () => {
  const words = ["--slurm.partition=p", "--deployment.type=disaggregated", "--router.type=llm-d"];
  const told = async (tp: number) => {
    const mooncake = "--kv-transfer.kv-connector=MooncakeConnector";
    const config = await configOf(...words, mooncake, `--parallel.tp=${tp}`);
    return makePlan(config, testInventory).warnings.join("\n");
  };
  assert.match(await told(4), /bootstrap port 8998.*one prefill rank a node/);
  assert.doesNotMatch(await told(8), /bootstrap port/);
});
