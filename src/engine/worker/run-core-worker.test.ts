import assert from "node:assert/strict";
import { test } from "node:test";
import { connectFakeEngine } from "../test-support/fake-engine.ts";

test("runCoreWorker() refuses a length that the cache cannot hold", async () => {
  await assert.rejects(connectFakeEngine({ maxModelLen: 257 }), {
    code: "ENGINE_KV_CACHE_TOO_SMALL",
    facts: { maxModelLen: 257, tokensMax: 256 },
  });
});

test("runCoreWorker() lets the cache set the length when nobody does", async () => {
  const engine = await connectFakeEngine({ blockSize: 2 });
  assert.equal(engine.model.maxModelLen, 128);
  await engine.close();
});
