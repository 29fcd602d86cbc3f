import assert from "node:assert/strict";
import { test } from "node:test";
import { isPenstockError } from "../errors/mod.ts";
import { endOf, tokensOf } from "./test-support/outputs.ts";
import { samplingParams } from "./test-support/sampling-params.ts";
import { readTruthCase, truthCaseNames, type TruthCase } from "./test-support/truth-case.ts";
import { cacheBytes, startTruthEngine } from "./test-support/truth-engine.ts";
import type { Engine, EngineOutput, SamplingParams } from "./types.ts";

/** Ours and theirs agree within this on every logit. */
const toleranceMax = 1e-3;
function run(
  engine: Engine,
  requestId: string,
  wanted: Partial<SamplingParams> & { readonly promptTokenIds: readonly number[] },
): Promise<EngineOutput[]> {
  const { promptTokenIds, ...params } = wanted;
  const { promise, resolve } = Promise.withResolvers<EngineOutput[]>();
  const outputs: EngineOutput[] = [];
  const request = { requestId, promptTokenIds, samplingParams: samplingParams(params) };
  engine.submit(request, (output) => {
    outputs.push(output);
    if (output.finishReason !== null) resolve(outputs);
  });
  return promise;
}

/** Logprobs of the three best tokens of every step against the logits that transformers took them from. */
function assertLogprobs(outputs: readonly EngineOutput[], { greedyLogits }: TruthCase): void {
  const vocabSize = greedyLogits.length / outputs.length;
  for (const [row, output] of outputs.entries()) {
    const logits = greedyLogits.subarray(row * vocabSize, (row + 1) * vocabSize);
    const logSumExp = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
    const { top } = output.logprobs![0]!;
    assert.equal(top.length, 3);
    for (const { tokenId, logprob } of top)
      assert(Math.abs(logprob - (logits[tokenId]! - logSumExp)) < 2 * toleranceMax);
  }
}

for (const name of truthCaseNames) {
  test(`startEngine() answers as transformers does, token and logprob: ${name}`, async (context) => {
    const truth = await readTruthCase(name);
    const promptTokenIds = [...truth.promptTokenIds];
    const engine = await startTruthEngine(context, truth.directory, { threadCount: 2 });
    const wanted = { promptTokenIds, maxTokens: 64, logprobs: 3, ignoreEos: true };
    const outputs = await run(engine, "alone", wanted);
    assert.deepEqual(tokensOf(outputs), [...truth.greedyTokenIds]);
    assert.equal(endOf(outputs).finishReason, "length");
    assertLogprobs(outputs, truth);
  });

  test(`startEngine() answers the same in chunks, beside others and after preemption: ${name}`, async (context) => {
    const truth = await readTruthCase(name);
    const promptTokenIds = [...truth.promptTokenIds];
    const shorter = { promptTokenIds: promptTokenIds.slice(20), maxTokens: 30, ignoreEos: true };
    const answers = async (engine: Engine, ids: readonly string[]) => {
      const beside = run(engine, "shorter", shorter);
      const wanted = { promptTokenIds, maxTokens: 64, ignoreEos: true };
      for (const outputs of await Promise.all(ids.map((id) => run(engine, id, wanted))))
        assert.deepEqual(tokensOf(outputs), [...truth.greedyTokenIds]);
      await beside;
      assert.equal(engine.stats().kvCacheUsage, 0);
    };
    const chunked = await startTruthEngine(context, truth.directory, { maxNumBatchedTokens: 11 });
    await answers(chunked, ["a", "b", "c"]);
    assert.equal(chunked.stats().preemptionsTotal, 0);
    // One of these sequences takes 7 blocks, and the first 48 tokens of three take 9.
    const crowded = await startTruthEngine(context, truth.directory, {
      kvCacheBytes: await cacheBytes(truth, 12),
    });
    await answers(crowded, ["a", "b", "c"]);
    assert(crowded.stats().preemptionsTotal > 0);
  });
}

test("startEngine() gives each of many requests its answer, in chunks, batches and after preemption", async (context) => {
  const truth = await readTruthCase("qwen3-moe");
  const whole = [...truth.promptTokenIds, ...truth.greedyTokenIds];
  // Any beginning of the known sequence has the rest of it as its greedy answer, from the prompt's end on.
  const cuts = [48, 50, 55, 60, 70, 80, 90, 100, 49, 51];
  const runAll = async (engine: Engine) => {
    const answers = await Promise.all(
      cuts.map((cut) => {
        const wanted = {
          promptTokenIds: whole.slice(0, cut),
          maxTokens: whole.length - cut,
          ignoreEos: true,
        };
        return run(engine, `${cut}`, wanted);
      }),
    );
    for (const [index, cut] of cuts.entries())
      assert.deepEqual(tokensOf(answers[index]!), whole.slice(cut), `from ${cut} on`);
    assert.equal(engine.stats().kvCacheUsage, 0);
  };
  const roomy = await startTruthEngine(context, truth.directory, { maxNumBatchedTokens: 16 });
  await runAll(roomy);
  const crowded = await startTruthEngine(context, truth.directory, {
    kvCacheBytes: await cacheBytes(truth, 16),
  });
  await runAll(crowded);
  assert(crowded.stats().preemptionsTotal > 0);
});

test("startEngine() rejects with the fault of a model directory, told as it was found", async (context) => {
  await assert.rejects(startTruthEngine(context, "/no-such-model"), (error) => {
    assert(isPenstockError(error) && error.code === "MODEL_FILE_MISSING");
    assert.match(error.message, /no-such-model/);
    return true;
  });
});

test("startEngine() draws the same tokens from a seed, whatever runs beside", async (context) => {
  const truth = await readTruthCase("qwen3");
  const promptTokenIds = [...truth.promptTokenIds];
  const engine = await startTruthEngine(context, truth.directory);
  const drawn = { promptTokenIds, temperature: 1.5, topP: 0.95, maxTokens: 24, ignoreEos: true };
  const alone = tokensOf(await run(engine, "alone", { ...drawn, seed: 3 }));
  const [among, other] = await Promise.all([
    run(engine, "among", { ...drawn, seed: 3 }),
    run(engine, "other", { ...drawn, seed: 4 }),
    run(engine, "shorter", { ...drawn, promptTokenIds: promptTokenIds.slice(9) }),
  ]);
  assert.deepEqual(tokensOf(among), alone);
  assert.notDeepEqual(tokensOf(other), alone);
});
