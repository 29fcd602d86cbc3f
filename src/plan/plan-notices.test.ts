import assert from "node:assert/strict";
import { test } from "node:test";
import { makePlan } from "./make-plan.ts";
import { configOf } from "./test-support/config-of.ts";
import { testInventory } from "./test-support/inventory.ts";

async function warnings(isMoe: boolean | null, ...words: readonly string[]): Promise<string> {
  const inventory = { ...testInventory, isMoe, vllmVersion: "0.30.0" };
  return makePlan(await configOf("--engine=vllm", ...words), inventory).warnings.join("\n");
}

test("planNotices() tells that a dense model goes without expert parallelism", async () => {
  assert.match(
    await warnings(false, "--enable-expert-parallel", "--parallel.dp=2"),
    /enable_expert_parallel is left out: the model is dense/,
  );
});

test("planNotices() tells what is made of a model that nobody knows", async () => {
  const alone = /no config\.json of "\/models\/m" .* independent servers/;
  assert.match(await warnings(null, "--parallel.dp=2"), alone);
  const experts = /no config\.json of "\/models\/m" .* taken for a model with experts/;
  assert.match(await warnings(null, "--enable-expert-parallel"), experts);
  for (const [isMoe, ...words] of [
    [null, "--parallel.dp=1"],
    [true, "--enable-expert-parallel"],
    [true, "--parallel.dp=2"],
    [false, "--parallel.dp=2"],
  ] as const)
    assert.equal(await warnings(isMoe, ...words), "", words.join(" "));
});

test("planNotices() tells of KV events of several engines at one port", async () => {
  const events = '--vllm-extra={"kv_events_config":{"endpoint":"tcp://*:5557"}}';
  const clash = /one port of KV events/;
  assert.match(await warnings(false, "--parallel.dp=2", events), clash);
  assert.match(await warnings(true, "--pd-disagg", events), clash);
  assert.equal(await warnings(true, "--parallel.dp=2", events), "");
  assert.equal(await warnings(false, "--parallel.dp=1", events), "");
});

test("planNotices() counts the threads of all ranks that share the cores", async () => {
  const config = await configOf(
    "--engine=embedded",
    "--deployment.type=disaggregated",
    "--deployment.prefill-dp=4",
    "--deployment.decode-dp=4",
  );
  assert.match(
    makePlan(config, testInventory).warnings.join("\n"),
    /8 ranks with 8 compute threads in all share 4 cores/,
  );
});

test("planNotices() tells what the parser auto has become", async () => {
  const auto = ["--model.tool-call-parser=auto", "--model.reasoning-parser=auto"];
  const told = await warnings(true, "--model.name=Qwen/Qwen3-0.6B", ...auto);
  assert.match(told, /tool_call_parser "auto" takes "hermes"/);
  assert.match(told, /reasoning_parser "auto" takes "qwen3"/);
  assert.match(await warnings(true, "--model.name=a/b", ...auto), /knows of none for this model/);
});
