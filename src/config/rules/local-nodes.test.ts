import assert from "node:assert/strict";
import { test } from "node:test";
import { load, reportOf } from "../test-support/load.ts";

test("localNodes() takes as many nodes as this machine has addresses", async () => {
  const words = "--engine embedded --deployment.type multi_node --deployment.num_nodes 255";
  assert.ok((await load(`${words} --deployment.num_replicas 254`)).config.deployment);
  const report = await reportOf(`${words} --deployment.num_replicas 255`);
  assert.match(
    report,
    /num_replicas {2}255\n +Expected at most 64770 nodes in all without \[slurm\]/,
  );
  assert.ok((await load(`${words} --deployment.num_replicas 255 --slurm`)).config.deployment);
});
