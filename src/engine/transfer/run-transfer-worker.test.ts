import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { MessageChannel } from "node:worker_threads";
import { makeMemory } from "../test-support/kv-memory.ts";
import { kvTransferOptions } from "../test-support/kv-transfer.ts";
import type { KvTransferOptions } from "../types.ts";
import type { MessageFromTransfer, MessageToTransfer } from "./messages.ts";
import { runTransferWorker } from "./run-transfer-worker.ts";
import { blockBytes, pull, requestId, tokensDigest, until } from "./test-support/producer.ts";

/** The body of the thread, in this thread. */
async function run(context: TestContext, wanted: Partial<KvTransferOptions> = {}) {
  const { port1, port2 } = new MessageChannel();
  context.after(() => port1.close());
  const options = kvTransferOptions("kv_producer", wanted);
  const memory = makeMemory({ blockBytes, blockCount: 8, fill: 7 });
  const heard: MessageFromTransfer[] = [];
  port1.on("message", (message: MessageFromTransfer) => heard.push(message));
  const { promise: ready, resolve } = Promise.withResolvers<number>();
  const ended = runTransferWorker({ options, memory, port: port2 }, resolve);
  const send = (message: MessageToTransfer): void => port1.postMessage(message);
  return { port: await ready, send, heard, ended };
}

const lease: MessageToTransfer = {
  kind: "lease",
  lease: { requestId, blockIds: Int32Array.of(1, 2, 3), tokensDigest },
};

test("runTransferWorker() serves a lease until it is told to release it", async (context) => {
  const { port, send, heard, ended } = await run(context);
  send(lease);
  await pull({ port });
  send({ kind: "release", source: { requestId, host: "127.0.0.1", port } });
  await until(() => heard.length === 1);
  const sentBytesTotal = 3 * 2 * blockBytes;
  assert.deepEqual(heard, [{ kind: "lease-ended", requestId, end: "released", sentBytesTotal }]);
  send({ kind: "close" });
  await ended;
});

test("runTransferWorker() ends leases by their time, and the rest when it closes", async (context) => {
  const { send, heard } = await run(context, { leaseDurationMs: 1 });
  send(lease);
  await until(() => heard.length === 1);
  assert.partialDeepStrictEqual(heard, [{ kind: "lease-ended", end: "expired" }]);
  const closing = await run(context);
  closing.send(lease);
  closing.send({ kind: "close" });
  await closing.ended;
  await until(() => closing.heard.length === 1);
  assert.partialDeepStrictEqual(closing.heard, [{ kind: "lease-ended", end: "closed" }]);
  send({ kind: "close" });
});
