import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "../test-support/load.ts";

const wide = "--deployment.type multi_node --enable-expert-parallel";

test("wideExpertParallel() fills the GPUs of all nodes with ranks", async () => {
  assert.equal((await load(`${wide} --parallel.tp 2`)).config.parallel.dp, 8);
  assert.equal((await load(`${wide} --parallel.dp_local 2`)).config.parallel.dp, 4);
  assert.equal((await load(`${wide} --parallel.dp 6`)).config.parallel.dp, 6);
  assert.equal((await load("--deployment.type multi_node")).config.parallel.dp, 1);
});
