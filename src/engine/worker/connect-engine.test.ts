import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { isPenstockError } from "../../errors/mod.ts";
import { fakeAnswer, fakeEosTokenId } from "../testing/fake-model-runner.ts";
import { badDirectories, badPrompts } from "../testing/load-fake-model.ts";
import { samplingParams } from "../testing/sampling-params.ts";
import type { Engine, EngineOptions, EngineOutput, LoadProgress } from "../types.ts";
import { connectEngine } from "./mod.ts";

const workerUrl = new URL("../testing/fake-core-worker.ts", import.meta.url);

const options: EngineOptions = {
  modelDirectory: "fake",
  dtype: "auto",
  maxNumSeqs: 4,
  maxNumBatchedTokens: 16,
  queueDepthMax: 4,
  blockSize: 4,
  seed: 1,
};

async function start(context: TestContext, wanted: Partial<EngineOptions> = {}): Promise<Engine> {
  const engine = await connectEngine({ ...options, ...wanted }, workerUrl);
  context.after(() => engine.close());
  return engine;
}

/** Submits a prompt and gathers its outputs until the last one. */
function run(
  engine: Engine,
  request: { id: string; prompt: readonly number[]; maxTokens?: number },
): Promise<EngineOutput[]> {
  const { id, prompt, maxTokens = 16 } = request;
  const { promise, resolve } = Promise.withResolvers<EngineOutput[]>();
  const outputs: EngineOutput[] = [];
  const params = samplingParams({ maxTokens });
  engine.submit({ requestId: id, promptTokenIds: prompt, samplingParams: params }, (output) => {
    outputs.push(output);
    if (output.finishReason !== null) resolve(outputs);
  });
  return promise;
}

/** The output that says how it ended. */
const endOf = (outputs: readonly EngineOutput[]) => outputs[outputs.length - 1]!;

const tokensOf = (outputs: readonly EngineOutput[]) => outputs.flatMap(({ tokenIds }) => tokenIds);

/** Long enough to be aborted on its way. */
const endless = (id: string) => ({ id, prompt: [7, 7], maxTokens: 250 });

test("connectEngine() resolves with what the model is, after progress", async (context) => {
  const progress: LoadProgress[] = [];
  const engine = await start(context, { onProgress: (each) => progress.push(each) });
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
  const missing = connectEngine({ ...options, modelDirectory: badDirectories.missing }, workerUrl);
  await assert.rejects(missing, (error) => {
    assert(isPenstockError(error) && error.code === "MODEL_FILE_MISSING");
    assert.deepEqual(error.facts, { directory: "missing", file: "x", purpose: "y" });
    assert.match(error.hint, /another directory/);
    return true;
  });
  const throwing = connectEngine({ ...options, modelDirectory: badDirectories.throws }, workerUrl);
  await assert.rejects(throwing, /bad weights/);
});

test("connectEngine() rejects when the thread ends while loading", async () => {
  const exiting = connectEngine({ ...options, modelDirectory: badDirectories.exits }, workerUrl);
  await assert.rejects(exiting, { code: "ENGINE_THREAD_ENDED", facts: { exitCode: 3 } });
});

test("connectEngine() refuses a length that the cache cannot hold", async () => {
  await assert.rejects(connectEngine({ ...options, maxModelLen: 257 }, workerUrl), {
    code: "ENGINE_KV_CACHE_TOO_SMALL",
    facts: { maxModelLen: 257, tokensMax: 256 },
  });
});

test("Engine answers many requests at once as it answers each alone", async (context) => {
  const engine = await start(context, { queueDepthMax: 20 });
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
  const engine = await start(context);
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
  const engine = await start(context);
  const first = run(engine, { id: "a", prompt: [1] });
  assert.throws(() => void run(engine, { id: "a", prompt: [1] }), /already/);
  await first;
  assert.equal(tokensOf(await run(engine, { id: "a", prompt: [1] })).length, 16);
});

test("Engine.submit() refuses one request more at its limit", async (context) => {
  const engine = await start(context);
  const runs = Array.from({ length: 8 }, (_, index) =>
    run(engine, { id: `${index}`, prompt: [1] }),
  );
  assert.equal(engine.stats().waitingCount, 8);
  assert.throws(() => void run(engine, { id: "more", prompt: [1] }), { code: "ENGINE_QUEUE_FULL" });
  await Promise.all(runs);
  await run(engine, { id: "more", prompt: [1] });
});

test("Engine.abort() ends running and waiting requests and frees what they held", async (context) => {
  const engine = await start(context, { maxNumSeqs: 1 });
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
  const engine = await start(context);
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
    const engine = await start(context);
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
  const engine = await connectEngine(options, workerUrl);
  const running = run(engine, endless("a"));
  const closing = engine.close();
  assert.throws(() => void run(engine, { id: "b", prompt: [1] }), /was closed/);
  await Promise.all([closing, engine.close()]);
  assert.equal(endOf(await running).finishReason, "abort");
});

test("Engine.close() cuts off a step that does not end", async () => {
  const { promise: isHanging, resolve } = Promise.withResolvers<void>();
  const onProgress = ({ stage }: LoadProgress) => stage === "start threads" && resolve();
  const engine = await connectEngine({ ...options, onProgress }, workerUrl);
  const hanging = run(engine, { id: "a", prompt: [badPrompts.hangs] });
  await isHanging;
  await engine.close();
  assert.equal(endOf(await hanging).finishReason, "abort");
});
