import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { defaultLimits } from "./limits.ts";
import { loadServing } from "./load-serving.ts";
import { FakeEngine, saying } from "./test-support/fake-engine.ts";
import { engineOptions, serverOptions } from "./test-support/start-test-server.ts";

test("loadServing() closes the engine when the tokenizer is missing", async (context) => {
  const modelDirectory = await mkdtemp(join(tmpdir(), "penstock-empty-"));
  context.after(() => rm(modelDirectory, { recursive: true }));
  const engine = new FakeEngine({ script: saying("ok") });
  const options = serverOptions({
    engine: { ...engineOptions, modelDirectory },
    startEngine: () => Promise.resolve(engine),
  });
  await assert.rejects(loadServing(options, defaultLimits), { code: "MODEL_FILE_MISSING" });
  assert.equal(engine.isClosed, true);
});

test("loadServing() passes on why the engine did not start", async () => {
  const startEngine = () => Promise.reject(new Error("no weights"));
  await assert.rejects(loadServing(serverOptions({ startEngine }), defaultLimits), {
    message: "no weights",
  });
});

test("loadServing() stops loading when it is told to", async () => {
  const engine = new FakeEngine({ script: saying("ok") });
  const startEngine = () => Promise.resolve(engine);
  const signal = AbortSignal.abort();
  await assert.rejects(loadServing(serverOptions({ startEngine, signal }), defaultLimits), {
    code: "SERVER_STOPPED",
  });
  assert.equal(engine.isClosed, true);
});

test("loadServing() gives equal servers equal fingerprints and other models another", async () => {
  const fingerprint = async (modelSource: string): Promise<string> =>
    (await loadServing(serverOptions({ modelSource }), defaultLimits)).fingerprint;
  assert.equal(await fingerprint("a"), await fingerprint("a"));
  assert.notEqual(await fingerprint("a"), await fingerprint("b"));
});
