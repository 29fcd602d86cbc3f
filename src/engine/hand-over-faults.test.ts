import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { PenstockError } from "../errors/mod.ts";
import { fakeAnswer } from "./test-support/fake-model-runner.ts";
import { connectFakeEngine, startFakeEngine } from "./test-support/fake-engine.ts";
import { type Fault, startFaultProxy } from "./test-support/fault-proxy.ts";
import { ask, decode, kvTransferOptions, prefill, untilFree } from "./test-support/kv-transfer.ts";
import { endOf, tokensOf } from "./test-support/outputs.ts";
import type { Engine, EngineOptions, KvTransferOptions } from "./types.ts";

// Two engines with their own threads and real sockets between them; the fake model's answers tell every wrong block.

const prompt = Array.from({ length: 18 }, (_, at) => at + 1);

function startProducer(
  context: TestContext,
  wanted: Partial<KvTransferOptions> = {},
): Promise<Engine> {
  return startFakeEngine(context, { kvTransfer: kvTransferOptions("kv_producer", wanted) });
}

function startConsumer(
  context: TestContext,
  wanted: Partial<KvTransferOptions> = {},
  options: Partial<EngineOptions> = {},
): Promise<Engine> {
  const kvTransfer = kvTransferOptions("kv_consumer", { pullIdleMsMax: 20_000, ...wanted });
  return startFakeEngine(context, { ...options, kvTransfer });
}

const faults: readonly (readonly [string, Fault])[] = [
  ["ends", { kind: "cut", afterBytes: 200 }],
  ["falls silent", { kind: "silence", afterBytes: 200 }],
  ["changes a bit", { kind: "flip", at: 180 }],
];

for (const [name, fault] of faults)
  for (const kvLoadFailurePolicy of ["recompute", "fail"] as const)
    test(`A pull whose network ${name} makes the engine ${kvLoadFailurePolicy}`, async (context) => {
      const producer = await startProducer(context, { leaseDurationMs: 700 });
      const consumer = await startConsumer(context, {
        kvLoadFailurePolicy,
        pullIdleMsMax: fault.kind === "silence" ? 400 : 20_000,
      });
      const source = await prefill(producer, prompt);
      const port = await startFaultProxy(context, source, fault);
      const outputs = await decode(consumer, prompt, { source: { ...source, port } });
      if (kvLoadFailurePolicy === "recompute") {
        assert.deepEqual(tokensOf(outputs), fakeAnswer(prompt, 16));
        assert.match(outputs[0]!.kvPull!.failure!, /ended|checksum|nothing came|unknown type/);
      } else {
        assert.equal(endOf(outputs).finishReason, "error");
        assert.match(endOf(outputs).error!, /KV blocks did not come from "127.0.0.1" port/);
        assert.deepEqual(tokensOf(outputs), []);
      }
      assert.equal(consumer.stats().kvTransfer?.failedPullsTotal, 1);
      await Promise.all([producer, consumer].map(untilFree));
    });

test("A lease that has ended makes the decode engine compute the prompt", async (context) => {
  const producer = await startProducer(context, { leaseDurationMs: 1 });
  const consumer = await startConsumer(context);
  const source = await prefill(producer, prompt);
  await untilFree(producer);
  assert.equal(producer.stats().kvTransfer?.expiredLeasesTotal, 1);
  const outputs = await decode(consumer, prompt, { source });
  assert.deepEqual(tokensOf(outputs), fakeAnswer(prompt, 16));
  assert.match(outputs[0]!.kvPull!.failure!, /lease of its blocks has ended/);
  await untilFree(consumer);
});

test("Blocks of another prompt or another model are never taken", async (context) => {
  const producer = await startProducer(context);
  const consumer = await startConsumer(context);
  const other = [...prompt.slice(0, -1), 80];
  const source = await prefill(producer, prompt);
  const outputs = await decode(consumer, other, { source });
  assert.deepEqual(tokensOf(outputs), fakeAnswer(other, 16));
  assert.match(outputs[0]!.kvPull!.failure!, /tokens are others/);
  const stranger = await startConsumer(context, {}, { modelDirectory: "another" });
  const foreign = await decode(stranger, prompt, { source: await prefill(producer, prompt) });
  assert.deepEqual(tokensOf(foreign), fakeAnswer(prompt, 16));
  assert.match(foreign[0]!.kvPull!.failure!, /its model is "fake" there and "another" here/);
  await Promise.all([producer, consumer, stranger].map(untilFree));
});

test("Two pulls of one lease both answer right, and free it once", async (context) => {
  const producer = await startProducer(context);
  const consumer = await startConsumer(context);
  const source = await prefill(producer, prompt);
  const answers = await Promise.all([1, 2, 3].map(() => decode(consumer, prompt, { source })));
  for (const outputs of answers) assert.deepEqual(tokensOf(outputs), fakeAnswer(prompt, 16));
  await Promise.all([producer, consumer].map(untilFree));
});

test("An abort lets go of everything, here and there, wherever the request is", async (context) => {
  const producer = await startProducer(context, { leaseDurationMs: 60_000 });
  const consumer = await startConsumer(context, { pullIdleMsMax: 60_000 });
  const silence = { kind: "silence", afterBytes: 200 } as const;
  for (const isStuck of [false, true]) {
    const source = await prefill(producer, prompt);
    const port = isStuck ? await startFaultProxy(context, source, silence) : source.port;
    const request = { kind: "remote-prefill", source: { ...source, port } } as const;
    const { requestId, outputs } = ask(consumer, prompt, { kvTransfer: request, maxTokens: 200 });
    if (isStuck)
      while (consumer.stats().kvTransfer?.pullCount !== 1)
        await new Promise((resolve) => setTimeout(resolve, 2));
    consumer.abort(requestId);
    assert.equal(endOf(await outputs).finishReason, "abort");
    // Behind the stuck network the producer cannot be told either.
    if (isStuck) await ask(consumer, prompt, {}).outputs;
    else await Promise.all([producer, consumer].map(untilFree));
  }
});

test("A request that ends by abort or error leaves no lease", async (context) => {
  const producer = await startProducer(context);
  const kvTransfer = { kind: "remote-decode" } as const;
  const { requestId, outputs } = ask(producer, prompt, { kvTransfer, maxTokens: 200 });
  producer.abort(requestId);
  assert.equal(endOf(await outputs).kvSource, undefined);
  await untilFree(producer);
  const stopped = await ask(producer, prompt, { kvTransfer, stopTokenIds: fakeAnswer(prompt, 1) })
    .outputs;
  assert.equal(endOf(stopped).finishReason, "stop");
  assert.equal(endOf(stopped).kvSource?.tokenCount, prompt.length);
  assert.equal(producer.stats().kvTransfer?.leaseCount, 1);
});

test("A producer that closes in the middle of everything stops nobody", async (context) => {
  const producer = await connectFakeEngine({ kvTransfer: kvTransferOptions("kv_producer") });
  const consumer = await startConsumer(context);
  const sources = await Promise.all(prompt.slice(0, 4).map(() => prefill(producer, prompt)));
  const answers = sources.map((source) => decode(consumer, prompt, { source }));
  await producer.close();
  for (const outputs of await Promise.all(answers))
    assert.deepEqual(tokensOf(outputs), fakeAnswer(prompt, 16));
  const late = await decode(consumer, prompt.toReversed(), { source: sources[0]! });
  assert.deepEqual(tokensOf(late), fakeAnswer(prompt.toReversed(), 16));
  assert.match(late[0]!.kvPull!.failure!, /ECONNREFUSED/);
  await untilFree(consumer);
});

test("A consumer that closes in the middle of everything leaves nothing at the producer", async (context) => {
  const producer = await startProducer(context, { leaseDurationMs: 500 });
  const consumer = await connectFakeEngine({ kvTransfer: kvTransferOptions("kv_consumer") });
  const sources = await Promise.all(prompt.slice(0, 4).map(() => prefill(producer, prompt)));
  const answers = sources.map((source) => decode(consumer, prompt, { source, maxTokens: 100 }));
  await consumer.close();
  await Promise.all(answers);
  await untilFree(producer);
});

test("A full queue lets the other engine have its blocks back", async (context) => {
  const producer = await startProducer(context);
  const consumer = await startConsumer(context, {}, { maxNumSeqs: 1, queueDepthMax: 0 });
  const source = await prefill(producer, prompt);
  const running = ask(consumer, prompt, { maxTokens: 100 });
  assert.throws(() => void decode(consumer, prompt, { source }), { code: "ENGINE_QUEUE_FULL" });
  await untilFree(producer);
  await running.outputs;
});

test("A pull that fails by policy says which code it is", () => {
  const facts = { requestId: "r", host: "h", port: 1, reason: "it was cut" };
  const error = new PenstockError("ENGINE_KV_LOAD_FAILED", facts);
  assert.match(error.hint, /kv-load-failure-policy/);
});

test("An engine without a kv role refuses hand-over", async (context) => {
  const engine = await startFakeEngine(context);
  assert.throws(() => ask(engine, prompt, { kvTransfer: { kind: "remote-decode" } }), {
    code: "ENGINE_REQUEST_INVALID",
    message: /without a kv role/,
  });
  assert.equal(engine.stats().kvTransfer, null);
});

test("startEngine() names the port of the side channel when it is taken", async (context) => {
  const producer = await startProducer(context);
  const { port } = await prefill(producer, prompt);
  await assert.rejects(startProducer(context, { sideChannelPort: port }), { code: "PORT_IN_USE" });
});
