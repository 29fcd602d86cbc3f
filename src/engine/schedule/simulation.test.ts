import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { BlockPool, PrefixCache } from "../kv-cache/mod.ts";
import type { ModelRunner } from "../step-batch.ts";
import {
  fakeAnswer,
  fakeVocabSize,
  makeFakeModelRunner,
} from "../test-support/fake-model-runner.ts";
import { samplingParams } from "../test-support/sampling-params.ts";
import { buildStepBatch, finishOf, Scheduler, Sequence } from "./mod.ts";

interface Arrival {
  /** Steps after the arrival before it. */
  readonly gap: number;
  /** Prompts of a family begin alike. */
  readonly family: number;
  readonly promptLength: number;
  readonly maxTokens: number;
  /** It wants the logprobs of its prompt. */
  readonly isScored: boolean;
  /** Steps it lives before it is aborted; null: never. */
  readonly abortAfter: number | null;
}

interface Scenario {
  readonly blockSize: number;
  readonly blockCount: number;
  readonly maxNumSeqs: number;
  readonly extraBudget: number;
  readonly hasPrefixCache: boolean;
  readonly arrivals: readonly Arrival[];
}

interface Simulation extends Scenario {
  readonly makePool?: (blockCount: number) => BlockPool;
  readonly wrapRunner?: (runner: ModelRunner) => ModelRunner;
}

interface LiveSequence {
  readonly sequence: Sequence;
  readonly abortAt: number;
}

interface Simulated {
  readonly preemptions: number;
  /** Tokens that the prefix cache had. */
  readonly hits: number;
}

/** Runs a scenario to its end, asserting after every step. */
function simulate(simulation: Simulation): Simulated {
  const { blockSize, blockCount, maxNumSeqs, arrivals } = simulation;
  const pool = simulation.makePool?.(blockCount) ?? new BlockPool(blockCount);
  const fake = makeFakeModelRunner({ blockSize, blockCount });
  const runner = simulation.wrapRunner?.(fake) ?? fake;
  const maxNumBatchedTokens = maxNumSeqs + simulation.extraBudget;
  const prefixCache = simulation.hasPrefixCache
    ? new PrefixCache({ pool, blockSize, lengthInvariantMax: Infinity })
    : undefined;
  const limits = { maxNumSeqs, maxNumBatchedTokens, liveCountMax: arrivals.length };
  const scheduler = new Scheduler({ pool, blockSize, prefixCache, ...limits });
  const toCome = sequencesOf(simulation);
  let live: LiveSequence[] = [];
  // The oldest sequence gets a token in every step, so all tokens ever wanted bound the steps.
  let stepsLeft = toCome.reduce((sum, { at, sequence }) => sum + at + sequence.lengthMax, 1);
  for (let step = 0; toCome.length > 0 || live.length > 0; step++) {
    assert(stepsLeft-- > 0, "A sequence starves");
    while (toCome[0] !== undefined && toCome[0].at <= step) {
      const { sequence, abortAfter } = toCome.shift()!;
      scheduler.add(sequence);
      live.push({ sequence, abortAt: step + (abortAfter ?? Infinity) });
    }
    for (const { sequence } of live.filter(({ abortAt }) => abortAt <= step))
      scheduler.finish(sequence);
    live = live.filter(({ sequence }) => sequence.status !== "finished");
    runStep(scheduler, runner, limits);
    scheduler.check();
    live = live.filter(({ sequence }) => sequence.status !== "finished");
  }
  assert.equal(pool.usedCount, 0, "Blocks are in use though nothing is alive");
  assert.equal(scheduler.liveCount, 0);
  const hits = prefixCache?.totals.hitsTotal ?? 0;
  return { preemptions: scheduler.preemptionsTotal, hits };
}

function runStep(
  scheduler: Scheduler,
  runner: ModelRunner,
  limits: { readonly maxNumBatchedTokens: number; readonly maxNumSeqs: number },
): void {
  const { maxNumBatchedTokens, maxNumSeqs } = limits;
  const step = scheduler.schedule();
  if (step.entries.length === 0) return;
  const { batch, rows } = buildStepBatch(step);
  assert(batch.tokenIds.length <= maxNumBatchedTokens, "The step is over its budget");
  const logits = runner.forward(batch);
  scheduler.complete(step);
  assert(rows.length <= maxNumSeqs, "The step wants too many rows of logits");
  for (const [row, { sequence, promptTokenId }] of rows.entries()) {
    const start = row * fakeVocabSize;
    const values = logits.subarray(start, start + fakeVocabSize);
    const tokenId = values.indexOf(Math.max(...values));
    if (promptTokenId !== null) {
      const { promptLogprobs, promptTokenIds } = sequence;
      const known = [...promptTokenIds.subarray(0, promptLogprobs!.length + 1)];
      assert.equal(
        promptTokenIds[known.length],
        promptTokenId,
        "The prompt is scored out of order",
      );
      assert.deepEqual([tokenId], fakeAnswer(known, 1), "The logits of the prompt are wrong");
      promptLogprobs!.push({ tokenId, logprob: 0, rank: 1, top: [] });
      continue;
    }
    assert.equal(
      sequence.wantsPromptLogits,
      false,
      "The answer begins before the prompt is scored",
    );
    sequence.outputTokenIds.push(tokenId);
    if (finishOf(sequence, []) === null) continue;
    scheduler.finish(sequence);
    const tokenCount = sequence.lengthMax - sequence.promptTokenIds.length;
    const answer = fakeAnswer([...sequence.promptTokenIds], tokenCount);
    assert.deepEqual(sequence.outputTokenIds, answer, "The answer is wrong");
  }
}

function sequencesOf({ arrivals, blockSize, blockCount }: Scenario) {
  let at = 0;
  return arrivals.map(({ gap, family, promptLength, maxTokens, isScored, abortAfter }, index) => {
    at += gap;
    const maxModelLen = blockSize * blockCount;
    const length = Math.min(promptLength, maxModelLen - 1);
    const sequence = new Sequence({
      requestId: `${index}`,
      promptTokenIds: Int32Array.from({ length }, (_, position) => (family * 7 + position) % 50),
      samplingParams: samplingParams({ maxTokens, promptLogprobs: isScored ? 0 : null }),
      maxModelLen,
    });
    return { at, sequence, abortAfter };
  });
}

const someScenario: fc.Arbitrary<Scenario> = fc.record({
  blockSize: fc.integer({ min: 1, max: 5 }),
  blockCount: fc.integer({ min: 2, max: 24 }),
  maxNumSeqs: fc.integer({ min: 1, max: 6 }),
  extraBudget: fc.integer({ min: 0, max: 12 }),
  hasPrefixCache: fc.boolean(),
  arrivals: fc.array(
    fc.record({
      gap: fc.nat(3),
      family: fc.nat(2),
      promptLength: fc.integer({ min: 1, max: 30 }),
      maxTokens: fc.integer({ min: 1, max: 20 }),
      isScored: fc.boolean(),
      abortAfter: fc.option(fc.nat(15), { freq: 4 }),
    }),
    { minLength: 1, maxLength: 12 },
  ),
});

/** Four long sequences in a cache that holds little more than one: it must preempt. */
const crowded: Scenario = {
  blockSize: 2,
  blockCount: 12,
  maxNumSeqs: 4,
  extraBudget: 4,
  hasPrefixCache: true,
  arrivals: Array.from({ length: 4 }, (_, family) => ({
    gap: 0,
    family,
    promptLength: 3,
    maxTokens: 18,
    isScored: false,
    abortAfter: null,
  })),
};

test("Scheduler gives every sequence its own answer under any schedule, and frees everything", () => {
  let preemptions = 0;
  let hits = 0;
  const property = fc.property(someScenario, (scenario) => {
    const simulated = simulate(scenario);
    preemptions += simulated.preemptions;
    hits += simulated.hits;
  });
  fc.assert(property, { numRuns: 1_000 });
  assert(preemptions > 0, "No scenario preempted");
  assert(hits > 0, "No scenario shared a block");
});

test("Scheduler preempts when blocks run out, and the answers stay right", () => {
  assert(simulate(crowded).preemptions > 0);
});

test("Scheduler simulation catches one block that is not freed", () => {
  class LeakingPool extends BlockPool {
    #freed = 0;
    override free(block: number): void {
      if (++this.#freed !== 5) super.free(block);
    }
  }
  const makePool = (blockCount: number) => new LeakingPool(blockCount);
  assert.throws(() => simulate({ ...crowded, makePool }), /no owner/);
});

test("Scheduler simulation catches one token written to a wrong block", () => {
  let step = 0;
  const wrapRunner = (runner: ModelRunner): ModelRunner => ({
    ...runner,
    forward: (batch) => {
      const [first, ...rest] = batch.sequences;
      if (++step !== 7) return runner.forward(batch);
      const blockTable = first!.blockTable.toReversed();
      return runner.forward({ ...batch, sequences: [{ ...first!, blockTable }, ...rest] });
    },
  });
  assert.throws(() => simulate({ ...crowded, wrapRunner }), /answer is wrong/);
});

test("Scheduler simulation catches one block that is shared under a wrong hash", () => {
  class ConfusedPool extends BlockPool {
    override find(hash: string): number | undefined {
      const block = super.find(hash);
      return block === undefined ? undefined : this.#other(block);
    }
    #other(block: number): number {
      const isHeld = (other: number) => other !== block && this.referenceCount(other) > 0;
      return Array.from({ length: this.blockCount }, (_, at) => at).find(isHeld) ?? block;
    }
  }
  const makePool = (blockCount: number) => new ConfusedPool(blockCount);
  const alike = crowded.arrivals.map((arrival) => ({ ...arrival, family: 0, gap: 2 }));
  assert.throws(() => simulate({ ...crowded, arrivals: alike, makePool }), /wrong|shared|twice/);
});
