import assert from "node:assert/strict";
import { test } from "node:test";
import {
  fakeAnswer,
  fakeEosTokenId,
  makeFakeModelRunner,
} from "../test-support/fake-model-runner.ts";
import { endOf, tokensOf } from "../test-support/outputs.ts";
import { samplingParams } from "../test-support/sampling-params.ts";
import type { EngineOutput, SamplingParams } from "../types.ts";
import { EngineCore, type EngineCoreOptions } from "./engine-core.ts";

function makeCore(wanted: Partial<EngineCoreOptions> = {}): EngineCore {
  return new EngineCore({
    runner: makeFakeModelRunner({ blockCount: 32, blockSize: 4 }),
    maxNumSeqs: 4,
    maxNumBatchedTokens: 8,
    queueDepthMax: 16,
    seed: 5,
    eosTokenIds: [fakeEosTokenId],
    ...wanted,
  });
}

function add(
  core: EngineCore,
  requestId: string,
  params: Partial<SamplingParams> & { readonly prompt?: readonly number[] } = {},
): void {
  const { prompt = [1, 2, 3], ...wanted } = params;
  const promptTokenIds = Int32Array.from(prompt);
  core.add({ requestId, promptTokenIds, samplingParams: samplingParams(wanted) });
}

/** Steps until idle; the outputs of each request. */
function runAll(core: EngineCore): Map<string, EngineOutput[]> {
  const outputs = new Map<string, EngineOutput[]>();
  for (let steps = 0; !core.isBlocked; steps++) {
    assert(steps < 1_000);
    for (const output of core.step())
      outputs.set(output.requestId, [...(outputs.get(output.requestId) ?? []), output]);
    core.check();
  }
  return outputs;
}

/** Tokens of a request that draws, among `others` that draw too. */
function drawAmong(others: number, core: EngineCore): number[] {
  for (let index = 0; index < others; index++)
    add(core, `other-${index}`, { prompt: [index], temperature: 1, maxTokens: 20 });
  add(core, "own", { temperature: 1, seed: 77, maxTokens: 20 });
  return tokensOf(runAll(core).get("own")!);
}

test("EngineCore draws the same tokens from a seed alone, batched and preempted", () => {
  const alone = drawAmong(0, makeCore());
  assert.deepEqual(drawAmong(9, makeCore()), alone);
  const runner = makeFakeModelRunner({ blockCount: 8, blockSize: 4 });
  const small = makeCore({ runner });
  assert.deepEqual(drawAmong(9, small), alone);
  assert(small.stats().preemptionsTotal > 0);
});

test("EngineCore draws other tokens for each request without a seed, and the same in another run", () => {
  const run = (seed: number) => {
    const core = makeCore({ seed });
    for (const id of ["a", "b"]) add(core, id, { temperature: 5, maxTokens: 20 });
    return [...runAll(core).values()].map(tokensOf);
  };
  const [a, b] = run(5);
  assert.notDeepEqual(a, b);
  assert.deepEqual(run(5), [a, b]);
  assert.notDeepEqual(run(6), [a, b]);
});

test("EngineCore ends at a stop token, which is the last token of the output", () => {
  const core = makeCore();
  const answer = fakeAnswer([1, 2, 3], 16);
  add(core, "a", { stopTokenIds: [answer[4]!] });
  const outputs = runAll(core).get("a")!;
  assert.deepEqual(tokensOf(outputs), answer.slice(0, answer.indexOf(answer[4]!) + 1));
  assert.deepEqual([endOf(outputs).finishReason, endOf(outputs).stopReason], ["stop", answer[4]]);
  assert(outputs.slice(0, -1).every(({ finishReason }) => finishReason === null));
});

test("EngineCore ends at end-of-sequence, not before minTokens, and passes it when ignored", () => {
  const core = makeCore();
  const logitBias = { [fakeEosTokenId]: 100 };
  add(core, "eos", { logitBias, minTokens: 3 });
  add(core, "ignored", { logitBias, ignoreEos: true, maxTokens: 6 });
  const outputs = runAll(core);
  assert.equal(tokensOf(outputs.get("eos")!).length, 4);
  assert.equal(endOf(outputs.get("eos")!).finishReason, "stop");
  assert.deepEqual(
    tokensOf(outputs.get("ignored")!),
    Array.from({ length: 6 }, () => fakeEosTokenId),
  );
  assert.equal(endOf(outputs.get("ignored")!).finishReason, "length");
});

test("EngineCore brings logprobs for those who ask, one entry a token", () => {
  const core = makeCore();
  add(core, "asks", { logprobs: 3 });
  add(core, "does-not");
  const outputs = runAll(core);
  for (const { tokenIds, logprobs } of outputs.get("asks")!) {
    assert.deepEqual(
      logprobs!.map(({ tokenId, rank, top }) => [tokenId, rank, top.length]),
      [[tokenIds[0], 1, 3]],
    );
  }
  assert(outputs.get("does-not")!.every(({ logprobs }) => logprobs === null));
});

test("EngineCore scores prompts alike alone, in chunks, among others and beside the prefix cache", () => {
  const prompt = Array.from({ length: 11 }, (_, index) => index + 1);
  const score = (core: EngineCore, others: number) => {
    for (let index = 0; index < others; index++) add(core, `${index}`, { prompt, maxTokens: 3 });
    if (others > 0) core.step();
    add(core, "own", { prompt, promptLogprobs: 2, maxTokens: 4 });
    const [first, ...rest] = runAll(core).get("own")!;
    assert.equal(first!.cachedTokenCount, 0);
    assert(rest.every(({ promptLogprobs }) => promptLogprobs === undefined));
    return first!.promptLogprobs!;
  };
  const alone = score(makeCore({ maxNumBatchedTokens: 64, maxNumSeqs: 32 }), 0);
  assert.deepEqual(
    alone.map(({ tokenId, top }) => [tokenId, top.length]),
    prompt.slice(1).map((tokenId) => [tokenId, 2]),
  );
  for (const [index, { top }] of alone.entries())
    assert.deepEqual([top[0]!.tokenId], fakeAnswer(prompt.slice(0, index + 1), 1));
  assert.deepEqual(score(makeCore({ maxNumSeqs: 1 }), 0), alone);
  assert.deepEqual(score(makeCore(), 0), alone);
  assert.deepEqual(score(makeCore(), 3), alone);
});

test("EngineCore names the logprobs of the tokens that were asked for, in their order", () => {
  const core = makeCore();
  add(core, "a", { logprobs: 0, logprobTokenIds: [7, 5] });
  for (const { logprobs } of runAll(core).get("a")!)
    assert.deepEqual(
      logprobs![0]!.top.map(({ tokenId, rank }) => [tokenId, rank]),
      [
        [7, 1],
        [5, 2],
      ],
    );
});

test("EngineCore.stats() counts and returns to zero", () => {
  const core = makeCore();
  for (let index = 0; index < 6; index++) add(core, `${index}`);
  core.step();
  const { runningCount, waitingCount, kvCacheUsage } = core.stats();
  assert.deepEqual([runningCount, waitingCount], [3, 3]);
  assert.equal(kvCacheUsage, 3 / 32);
  runAll(core);
  const { stepsTotal, ...stats } = core.stats();
  assert(stepsTotal > 16);
  assert.deepEqual(stats, {
    runningCount: 0,
    waitingCount: 0,
    kvCacheUsage: 0,
    kvBlockCount: 32,
    preemptionsTotal: 0,
    promptTokensTotal: 18,
    generationTokensTotal: 96,
    prefixCacheQueriesTotal: 18,
    prefixCacheHitsTotal: 0,
    kvTransfer: null,
  });
});

test("EngineCore.abort() frees a request in any state; abortAll() all of them", () => {
  const core = makeCore();
  for (let index = 0; index < 6; index++) add(core, `${index}`, { prompt: [1, 1, 1, 1, 1, 1, 1] });
  core.step();
  assert.equal(core.abort("unknown"), null);
  for (const id of ["0", "1", "5"]) {
    assert.equal(core.abort(id)!.finishReason, "abort");
    assert.equal(core.abort(id), null);
    core.check();
  }
  assert.equal(core.abortAll().length, 3);
  core.check();
  assert.equal(core.isBlocked, true);
  assert.equal(core.stats().kvCacheUsage, 0);
});
