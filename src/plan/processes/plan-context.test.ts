import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseShape } from "../shapes/choose-shape.ts";
import { configOf } from "../test-support/config-of.ts";
import { testInventory } from "../test-support/inventory.ts";
import { makeContext } from "./plan-context.ts";

async function contextOf(...words: readonly string[]) {
  const config = await configOf(...words);
  const shape = chooseShape(config, false);
  return makeContext(config, testInventory, { engine: "vllm", shape });
}

test("makeContext() keeps the ranks of this machine on loopback", async () => {
  const context = await contextOf("--server.host=0.0.0.0");
  assert.deepEqual([context.hostOf(0), context.routerHostOf(0)], ["127.0.0.1", "0.0.0.0"]);
});

test("makeContext() opens the router of pools to the network, and not their workers", async () => {
  const open = await contextOf("--pd-disagg.host=0.0.0.0");
  assert.deepEqual([open.hostOf(0), open.routerHostOf(0)], ["127.0.0.1", "0.0.0.0"]);
  const fixed = await contextOf("--pd-disagg.host=10.0.0.1");
  assert.deepEqual([fixed.hostOf(0), fixed.routerHostOf(0)], ["10.0.0.1", "10.0.0.1"]);
});

test("makeContext() reaches ranks and routers under Slurm by their nodes' addresses", async () => {
  const words = ["--slurm.partition=p", "--deployment.num-replicas=2"];
  const context = await contextOf(...words);
  assert.deepEqual([context.hostOf(1), context.routerHostOf(1)], ["{node:1}", "{node:1}"]);
  const open = await contextOf(...words, "--server.host=0.0.0.0");
  assert.deepEqual([open.routerHostOf(1), open.clientHostOf(1)], ["0.0.0.0", "{node:1}"]);
  const fixed = await contextOf(...words, "--server.host=10.0.0.1");
  assert.deepEqual([fixed.routerHostOf(1), fixed.clientHostOf(1)], ["10.0.0.1", "10.0.0.1"]);
});

test("makeContext() tells the nodes of one machine apart", async () => {
  const context = await contextOf("--engine=embedded", "--deployment.type=multi_node");
  assert.deepEqual([context.hostOf(0), context.hostOf(1)], ["{node:0}", "{node:1}"]);
  assert.deepEqual([context.routerHostOf(1), context.clientHostOf(1)], ["{node:1}", "{node:1}"]);
  assert.equal(context.machineRankCount, 2);
});

test("makeContext() counts the ranks of the fullest node under Slurm", async () => {
  const words = ["--slurm.partition=p", "--deployment.type=disaggregated", "--parallel.tp=4"];
  assert.equal((await contextOf(...words, "--deployment.prefill-tp=2")).machineRankCount, 4);
});

test("makeContext() makes the output directory absolute, and a key of it", async () => {
  const { outputDirectory, deploymentKey } = await contextOf("--output-dir=runs/1");
  assert.equal(outputDirectory, "/project/runs/1");
  assert.match(deploymentKey, /^[0-9a-f]{8}$/);
  assert.notEqual((await contextOf("--output-dir=runs/2")).deploymentKey, deploymentKey);
});
