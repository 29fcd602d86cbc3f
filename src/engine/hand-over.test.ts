import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { startEngine } from "./mod.ts";
import { decode, kvTransferOptions, prefill, untilFree } from "./test-support/kv-transfer.ts";
import { tokensOf } from "./test-support/outputs.ts";
import { readTruthCase, truthCaseNames } from "./test-support/truth-case.ts";
import type { Engine, EngineOptions } from "./types.ts";

async function start(
  context: TestContext,
  modelDirectory: string,
  wanted: Partial<EngineOptions>,
): Promise<Engine> {
  const engine = await startEngine({
    modelDirectory,
    dtype: "auto",
    maxModelLen: 112,
    maxNumSeqs: 8,
    maxNumBatchedTokens: 64,
    queueDepthMax: 64,
    blockSize: 16,
    threadCount: 1,
    seed: 0,
    ...wanted,
  });
  context.after(() => engine.close());
  return engine;
}

async function startPair(
  context: TestContext,
  modelDirectory: string,
  wanted: Partial<EngineOptions> = {},
): Promise<{ readonly producer: Engine; readonly consumer: Engine }> {
  const [producer, consumer] = await Promise.all(
    (["kv_producer", "kv_consumer"] as const).map((kvRole) =>
      start(context, modelDirectory, { ...wanted, kvTransfer: kvTransferOptions(kvRole) }),
    ),
  );
  return { producer: producer!, consumer: consumer! };
}

for (const name of truthCaseNames)
  test(`A hand-over changes no token and no bit of a logprob: ${name}`, async (context) => {
    const truth = await readTruthCase(name);
    const promptTokenIds = [...truth.promptTokenIds];
    const { producer, consumer } = await startPair(context, truth.directory);
    const wanted = { maxTokens: 64, logprobs: 3 };
    const source = await prefill(producer, promptTokenIds);
    assert.equal(source.tokenCount, 48);
    const outputs = await decode(consumer, promptTokenIds, { source, ...wanted });
    assert.deepEqual(tokensOf(outputs), [...truth.greedyTokenIds]);
    assert.deepEqual(outputs[0]!.kvPull?.failure, null);
    assert.deepEqual(outputs[0]!.cachedTokenCount, 47);
    await Promise.all([producer, consumer].map(untilFree));
  });
