import assert from "node:assert/strict";
import { test } from "node:test";
import { connectFakeEngine, run, startFakeEngine } from "../test-support/fake-engine.ts";
import { fakeAnswer } from "../test-support/fake-model-runner.ts";
import { badPrompts } from "../test-support/load-fake-model.ts";
import { endOf, tokensOf } from "../test-support/outputs.ts";
import { samplingParams } from "../test-support/sampling-params.ts";
import type { LoadProgress } from "../types.ts";

/** Long enough to be aborted on its way. */
const endless = (id: string) => ({ id, prompt: [7, 7], maxTokens: 250 });

test("Engine answers many requests at once as it answers each alone", async (context) => {
  const engine = await startFakeEngine(context, { queueDepthMax: 20 });
  const prompts = Array.from({ length: 20 }, (_, index) => [index, 3, index, 5]);
  const answers = await Promise.all(
    prompts.map((prompt, index) => run(engine, { id: `${index}`, prompt })),
  );
  for (const [index, outputs] of answers.entries()) {
    assert.deepEqual(tokensOf(outputs), fakeAnswer(prompts[index]!, 16));
    assert.equal(endOf(outputs).finishReason, "length");
  }
  const { runningCount, waitingCount, kvCacheUsage, ...totals } = engine.stats();
  assert.deepEqual([runningCount, waitingCount, kvCacheUsage], [0, 0, 0]);
  assert.equal(totals.promptTokensTotal, 80);
  assert.equal(totals.generationTokensTotal, 320);
});

test("Engine.submit() refuses what it cannot run, and goes on", async (context) => {
  const engine = await startFakeEngine(context);
  const submit = (prompt: readonly number[], maxTokens = 16) =>
    engine.submit(
      { requestId: "a", promptTokenIds: prompt, samplingParams: samplingParams({ maxTokens }) },
      () => assert.fail("A refused request was heard of"),
    );
  for (const prompt of [[], [-1], [97], [1.5], [NaN]])
    assert.throws(() => submit(prompt), { code: "ENGINE_REQUEST_INVALID" });
  for (const maxTokens of [0, -1, 1.5, NaN])
    assert.throws(() => submit([1], maxTokens), { code: "ENGINE_REQUEST_INVALID" });
  const tooLong = Array.from({ length: 256 }, () => 1);
  assert.throws(() => submit(tooLong), { code: "ENGINE_PROMPT_TOO_LONG" });
  const longest = await run(engine, { id: "b", prompt: tooLong.slice(1) });
  assert.deepEqual(tokensOf(longest), fakeAnswer(tooLong.slice(1), 1));
  assert.equal(endOf(longest).finishReason, "length");
});

test("Engine.submit() refuses an id that is alive and takes it again after its end", async (context) => {
  const engine = await startFakeEngine(context);
  const first = run(engine, { id: "a", prompt: [1] });
  assert.throws(() => void run(engine, { id: "a", prompt: [1] }), /already/);
  await first;
  assert.equal(tokensOf(await run(engine, { id: "a", prompt: [1] })).length, 16);
});

test("Engine.submit() refuses one request more at its limit", async (context) => {
  const engine = await startFakeEngine(context);
  const runs = Array.from({ length: 8 }, (_, index) =>
    run(engine, { id: `${index}`, prompt: [1] }),
  );
  assert.equal(engine.stats().waitingCount, 8);
  assert.throws(() => void run(engine, { id: "more", prompt: [1] }), { code: "ENGINE_QUEUE_FULL" });
  await Promise.all(runs);
  await run(engine, { id: "more", prompt: [1] });
});

test("Engine.abort() ends running and waiting requests and frees what they held", async (context) => {
  const engine = await startFakeEngine(context, { maxNumSeqs: 1 });
  const running = run(engine, endless("running"));
  const waiting = run(engine, endless("waiting"));
  for (const id of ["waiting", "running", "running", "unknown"]) engine.abort(id);
  for (const outputs of await Promise.all([running, waiting])) {
    assert.equal(endOf(outputs).finishReason, "abort");
    assert(tokensOf(outputs).length < 250);
  }
  assert.deepEqual(engine.stats().kvCacheUsage, 0);
  assert.equal(engine.stats().runningCount, 0);
  await run(engine, { id: "next", prompt: [1] });
});

test("Engine ends a request with error when its logits are not numbers; others go on", async (context) => {
  const engine = await startFakeEngine(context);
  const [bad, good] = await Promise.all([
    run(engine, { id: "bad", prompt: [badPrompts.computesNaN] }),
    run(engine, { id: "good", prompt: [4] }),
  ]);
  assert.equal(endOf(bad).finishReason, "error");
  assert.match(endOf(bad).error!, /not a number/);
  assert.deepEqual(tokensOf(good), fakeAnswer([4], 16));
});

for (const failure of ["throws", "exits"] as const)
  test(`Engine dies when a step ${failure}: all are told, nothing is taken any more`, async (context) => {
    const engine = await startFakeEngine(context);
    const runs = [
      run(engine, endless("a")),
      run(engine, { id: "b", prompt: [badPrompts[failure]] }),
    ];
    const cause = await engine.died;
    assert.match(cause.message, /compute thread is gone|exit code 4/);
    for (const outputs of await Promise.all(runs)) {
      assert.equal(endOf(outputs).finishReason, "error");
      assert.equal(endOf(outputs).error, cause.message);
    }
    assert.throws(() => void run(engine, { id: "c", prompt: [1] }), { code: "ENGINE_DEAD" });
    assert.equal(engine.stats().runningCount, 0);
    engine.abort("a");
  });

test("Engine.close() aborts what lives, refuses what comes, and may be called again", async () => {
  const engine = await connectFakeEngine();
  const running = run(engine, endless("a"));
  const closing = engine.close();
  assert.throws(() => void run(engine, { id: "b", prompt: [1] }), /was closed/);
  await Promise.all([closing, engine.close()]);
  assert.equal(endOf(await running).finishReason, "abort");
});

test("Engine.answersWithin() sees a thread that idles and one that hangs, and none that is gone", async () => {
  const { promise: isHanging, resolve } = Promise.withResolvers<void>();
  const onProgress = ({ stage }: LoadProgress) => stage === "start threads" && resolve();
  const engine = await connectFakeEngine({ onProgress });
  assert.equal(await engine.answersWithin(60_000), true);
  const hanging = run(engine, { id: "a", prompt: [badPrompts.hangs] });
  await isHanging;
  assert.equal(await engine.answersWithin(50), false);
  await engine.close();
  await hanging;
  assert.equal(await engine.answersWithin(60_000), false);
});

test("Engine.close() cuts off a step that does not end", async () => {
  const { promise: isHanging, resolve } = Promise.withResolvers<void>();
  const onProgress = ({ stage }: LoadProgress) => stage === "start threads" && resolve();
  const engine = await connectFakeEngine({ onProgress });
  const hanging = run(engine, { id: "a", prompt: [badPrompts.hangs] });
  await isHanging;
  await engine.close();
  assert.equal(endOf(await hanging).finishReason, "abort");
});
