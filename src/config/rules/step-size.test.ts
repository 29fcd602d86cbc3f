import assert from "node:assert/strict";
import { test } from "node:test";
import { load, reportOf } from "../test-support/load.ts";

test("stepSize() gives each request of a step a token", async () => {
  assert.match(
    await reportOf("--max-num-seqs 100 --max-num-batched-tokens 99"),
    /Expected at least max_num_seqs = 100/,
  );
  assert.ok(await load("--max-num-seqs 100 --max-num-batched-tokens 100"));
});
