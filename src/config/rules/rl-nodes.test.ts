import assert from "node:assert/strict";
import { test } from "node:test";
import { load, noticesOf, reportOf } from "../test-support/load.ts";

test("rlNodes() spreads inference over the nodes that the RL file gives it", async () => {
  const { config } = await load("--deployment.num_infer_nodes 6");
  assert.deepEqual(config.deployment, {
    type: "multi_node",
    num_nodes: 6,
    gpus_per_node: null,
    num_replicas: 1,
    backend_port: null,
    max_restarts: 5,
  });
  const one = await load("--deployment.num_infer_nodes 1");
  assert.equal(one.config.deployment.type, "single_node");
  assert.match(
    await noticesOf("--inference.deployment.type multi_node --deployment.num_infer_nodes 3"),
    /--deployment\.num_infer_nodes {2}deployment\.num_nodes: set to 3, as the RL file gives/,
  );
});

test("rlNodes() compares the count with what the deployment needs", async () => {
  const shape = "--deployment.type disaggregated --deployment.num_prefill_nodes 2";
  const words = `${shape} --deployment.num_prefill_replicas 2 --deployment.num_decode_nodes 2`;
  assert.match(await reportOf(`${words} --rl.num_infer_nodes 5`), /Expected 6: so many nodes/);
  assert.equal((await load(`${words} --rl.num_infer_nodes 6`)).config.rl.num_infer_nodes, 6);
  assert.match(
    await reportOf("--deployment.type single_node --rl.num_infer_nodes 2"),
    /Expected 1: so many nodes/,
  );
  const fixed = "--deployment.type multi_node --deployment.num_nodes 4 --rl.num_infer_nodes 2";
  assert.match(await reportOf(fixed), /Expected 4/);
});

test("rlNodes() takes no count that no deployment has", async () => {
  assert.match(await reportOf("--rl.num_infer_nodes 2000"), /Expected 1: so many nodes/);
});
