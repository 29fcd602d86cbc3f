import assert from "node:assert/strict";
import { test } from "node:test";
import { load, reportOf } from "../test-support/load.ts";

test("gpuCount() fits ranks into the GPUs of a node", async () => {
  const single = "--deployment.gpus_per_node 8 --parallel.tp 2";
  assert.equal((await load(`${single} --parallel.dp 4`)).config.parallel.dp, 4);
  assert.match(
    await reportOf(`${single} --parallel.dp 5`),
    /Expected at most 4: 5 ranks of 2 GPUs/,
  );
  assert.match(
    await reportOf("--deployment.type multi_node --parallel.tp 16"),
    /--parallel\.tp {2}16\n +Expected at most 8: a rank's GPUs are on one node/,
  );
  assert.equal((await load("--parallel.dp 64")).config.parallel.dp, 64);
});

test("gpuCount() counts the GPUs of all nodes where experts are spread", async () => {
  const multi = "--deployment.type multi_node --parallel.tp 2 --parallel.dp 8";
  assert.match(await reportOf(multi), /Expected at most 4/);
  assert.equal((await load(`${multi} --enable-expert-parallel`)).config.parallel.dp, 8);
  assert.match(
    await reportOf("--deployment.type multi_node --enable-expert-parallel --parallel.dp 7"),
    /Expected a multiple of 2/,
  );
});

test("gpuCount() looks at each role by itself", async () => {
  const words =
    "--deployment.type disaggregated --deployment.prefill_tp 4 --deployment.prefill_dp 3";
  assert.match(
    await reportOf(words),
    /--deployment\.prefill_dp {2}3\n +Expected at most 2: 3 ranks of 4 GPUs do not fit on 1 × 8/,
  );
});

test("gpuCount() compares local ranks with all of them", async () => {
  assert.match(
    await reportOf("--parallel.dp 4 --parallel.dp_local 2"),
    /--parallel\.dp_local {2}2\n +Expected 4/,
  );
  assert.equal((await load("--parallel.dp 4 --parallel.dp_local 4")).config.parallel.dp_local, 4);
});

test("gpuCount() does not count GPUs for the embedded engine", async () => {
  const { config } = await load("--engine embedded --deployment.gpus_per_node 1 --parallel.dp 4");
  assert.equal(config.parallel.dp, 4);
});
