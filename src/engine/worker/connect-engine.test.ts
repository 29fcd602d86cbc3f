import assert from "node:assert/strict";
import { test } from "node:test";
import { isPenstockError } from "../../errors/mod.ts";
import { connectFakeEngine, startFakeEngine } from "../test-support/fake-engine.ts";
import { fakeEosTokenId } from "../test-support/fake-model-runner.ts";
import { badDirectories } from "../test-support/load-fake-model.ts";
import type { LoadProgress } from "../types.ts";

test("connectEngine() resolves with what the model is, after progress", async (context) => {
  const progress: LoadProgress[] = [];
  const engine = await startFakeEngine(context, { onProgress: (each) => progress.push(each) });
  assert.deepEqual(
    progress.map(({ stage }) => stage),
    ["read config", "ready"],
  );
  assert.equal(engine.model.maxModelLen, 256);
  assert.deepEqual(engine.model.eosTokenIds, [fakeEosTokenId]);
  assert.deepEqual(engine.model.generationDefaults, { temperature: 0 });
  assert.equal(engine.stats().kvBlockCount, 64);
});

test("connectEngine() rejects with the error of loading, code and facts intact", async () => {
  const missing = connectFakeEngine({ modelDirectory: badDirectories.missing });
  await assert.rejects(missing, (error) => {
    assert(isPenstockError(error) && error.code === "MODEL_FILE_MISSING");
    assert.deepEqual(error.facts, { directory: "missing", file: "x", purpose: "y" });
    assert.match(error.hint, /another directory/);
    return true;
  });
  const throwing = connectFakeEngine({ modelDirectory: badDirectories.throws });
  await assert.rejects(throwing, /bad weights/);
});

test("connectEngine() rejects when the thread ends while loading", async () => {
  const exiting = connectFakeEngine({ modelDirectory: badDirectories.exits });
  await assert.rejects(exiting, { code: "ENGINE_THREAD_ENDED", facts: { exitCode: 3 } });
});

test("connectEngine() refuses options before it starts a thread", async () => {
  await assert.rejects(connectFakeEngine({ blockSize: 0 }), { code: "ENGINE_OPTION_INVALID" });
});
