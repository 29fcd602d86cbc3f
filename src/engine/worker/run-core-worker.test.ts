import assert from "node:assert/strict";
import { test } from "node:test";
import { startFakeEngine } from "../test-support/fake-engine.ts";

test("runCoreWorker() sends what the model is", async (context) => {
  const engine = await startFakeEngine(context, { blockSize: 2 });
  assert.deepEqual(engine.model, {
    architecture: "FakeForCausalLM",
    vocabSize: 97,
    maxModelLen: 128,
    eosTokenIds: [0],
    generationDefaults: { temperature: 0 },
    parameterCount: 0,
    weightBytes: 0,
    dtype: "float32",
    kvBlockCount: 64,
    blockSize: 2,
    threadCount: 1,
  });
});
