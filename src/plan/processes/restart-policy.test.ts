import assert from "node:assert/strict";
import { test } from "node:test";
import { processesOf } from "../test-support/processes-of.ts";

const policy = { restartsMax: 5, windowMs: 600_000, firstWaitMs: 500, waitMsMax: 30_000 };
const disaggregated = ["--slurm.partition=p", "--deployment.type=disaggregated"];

async function restartsOf(...words: readonly string[]) {
  const processes = await processesOf(...words);
  return new Map([...processes].map(([id, { restart }]) => [id, restart]));
}

test("restartPolicy() is that of routers, sidecars and ranks that stand alone", async () => {
  const embedded = await restartsOf(...disaggregated, "--engine=embedded");
  assert.deepEqual([...embedded.values()], [policy, policy, policy]);
  const llmd = await restartsOf(...disaggregated, "--router.type=llm-d", "--parallel.tp=8");
  assert.deepEqual([...llmd.values()], [policy, policy, policy, policy, policy]);
});

test("restartPolicy() is not for ranks that meet others, nor for stores", async () => {
  const store = ["--kv-cache-offload.type=mooncake", "--kv-cache-offload.cpu.num-bytes=16777216"];
  const restarts = await restartsOf(...disaggregated, ...store, "--parallel.tp=4");
  const without = [...restarts].filter(([, restart]) => restart === null).map(([id]) => id);
  assert.deepEqual(without.toSorted(), [
    "decode-0-rank-0",
    "decode-0-rank-1",
    "mooncake-client-0",
    "mooncake-client-1",
    "mooncake-master",
    "prefill-0-rank-0",
    "prefill-0-rank-1",
  ]);
});

test("restartPolicy() follows deployment.max_restarts, and is none at zero", async () => {
  const often = await restartsOf("--deployment.max-restarts=9");
  assert.equal(often.get("rank-0")?.restartsMax, 9);
  const never = await restartsOf("--deployment.max-restarts=0");
  assert.deepEqual([...never.values()], [null, null]);
});
