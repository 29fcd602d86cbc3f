import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { ask, decode, kvTransferOptions, prefill, untilFree } from "./test-support/kv-transfer.ts";
import { tokensOf } from "./test-support/outputs.ts";
import { readTruthCase, truthCaseNames } from "./test-support/truth-case.ts";
import { cacheBytes, startTruthEngine } from "./test-support/truth-engine.ts";
import type { Engine, EngineOptions } from "./types.ts";

async function startPair(
  context: TestContext,
  modelDirectory: string,
  wanted: Partial<EngineOptions> = {},
): Promise<{ readonly producer: Engine; readonly consumer: Engine }> {
  const [producer, consumer] = await Promise.all(
    (["kv_producer", "kv_consumer"] as const).map((kvRole) =>
      startTruthEngine(context, modelDirectory, {
        ...wanted,
        kvTransfer: kvTransferOptions(kvRole),
      }),
    ),
  );
  return { producer: producer!, consumer: consumer! };
}

/** Everything is free again, here and there. */
async function assertFree(...engines: readonly Engine[]): Promise<void> {
  await Promise.all(engines.map(untilFree));
}

for (const name of truthCaseNames)
  test(`A hand-over changes no token: ${name}`, async (context) => {
    const truth = await readTruthCase(name);
    const promptTokenIds = [...truth.promptTokenIds];
    const { producer, consumer } = await startPair(context, truth.directory, {
      maxNumBatchedTokens: 19,
    });
    const source = await prefill(producer, promptTokenIds);
    assert.equal(source.tokenCount, 48);
    const outputs = await decode(consumer, promptTokenIds, { source, maxTokens: 64 });
    assert.deepEqual(tokensOf(outputs), [...truth.greedyTokenIds]);
    assert.equal(outputs[0]!.kvPull?.failure, null);
    assert.equal(outputs[0]!.cachedTokenCount, 47);
    await assertFree(producer, consumer);
  });

for (const name of ["qwen3", "qwen3-moe"])
  test(`A hand-over changes no bit, whatever the length and whatever is cached: ${name}`, async (context) => {
    const truth = await readTruthCase(name);
    const whole = [...truth.promptTokenIds, ...truth.greedyTokenIds];
    const plain = await startTruthEngine(context, truth.directory, { enablePrefixCaching: false });
    const { producer, consumer } = await startPair(context, truth.directory);
    const wanted = { maxTokens: 8, logprobs: 3 };
    for (const length of [1, 2, 15, 16, 17, 31, 32, 33, 48, 97]) {
      const prompt = whole.slice(0, length);
      const alone = await ask(plain, prompt, wanted).outputs;
      const logprobs = alone.map((output) => output.logprobs);
      // The first time all of it is fetched but what earlier lengths left, the second time nothing is.
      for (let round = 0; round < 2; round++) {
        const source = await prefill(producer, prompt);
        const outputs = await decode(consumer, prompt, { source, ...wanted });
        assert.deepEqual(
          outputs.map((output) => output.logprobs),
          logprobs,
          `${length} tokens`,
        );
      }
      const again = await ask(producer, prompt, wanted).outputs;
      assert.deepEqual(
        again.map((output) => output.logprobs),
        logprobs,
      );
    }
    const { kvTransfer, prefixCacheHitsTotal } = consumer.stats();
    assert.equal(kvTransfer?.failedPullsTotal, 0);
    assert(prefixCacheHitsTotal > 0 && producer.stats().prefixCacheHitsTotal > 0);
    await assertFree(producer, consumer);
  });

test("Many hand-overs at once give each request its answer, also where blocks are short", async (context) => {
  const truth = await readTruthCase("qwen3-moe");
  const whole = [...truth.promptTokenIds, ...truth.greedyTokenIds];
  // Any beginning of the known sequence has the rest of it as its greedy answer, from the prompt's end on.
  const cuts = [48, 50, 55, 60, 70, 80, 90, 100, 49, 51];
  const kvCacheBytes = await cacheBytes(truth, 18);
  const [producer, consumer] = await Promise.all([
    startTruthEngine(context, truth.directory, { kvTransfer: kvTransferOptions("kv_producer") }),
    startTruthEngine(context, truth.directory, {
      kvTransfer: kvTransferOptions("kv_consumer"),
      kvCacheBytes,
    }),
  ]);
  const answers = await Promise.all(
    cuts.map(async (cut) => {
      const prompt = whole.slice(0, cut);
      const source = await prefill(producer, prompt);
      return decode(consumer, prompt, { source, maxTokens: whole.length - cut });
    }),
  );
  for (const [index, cut] of cuts.entries())
    assert.deepEqual(tokensOf(answers[index]!), whole.slice(cut), `from ${cut} on`);
  assert(consumer.stats().preemptionsTotal > 0, "Nobody was preempted");
  await assertFree(producer, consumer);
});
