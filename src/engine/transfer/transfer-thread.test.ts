import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { makeMemory } from "../test-support/kv-memory.ts";
import { kvTransferOptions } from "../test-support/kv-transfer.ts";
import type { MessageFromTransfer } from "./messages.ts";
import { tokensDigest } from "./tokens-digest.ts";
import { TransferThread } from "./transfer-thread.ts";

const requestId = "ab".repeat(16);
const digest = tokensDigest(Int32Array.of(1, 2, 3));

async function next(thread: TransferThread): Promise<MessageFromTransfer> {
  const signal = AbortSignal.timeout(20_000);
  // A MessagePort is an EventTarget for once(), which brings its event.
  const [event] = (await once(thread.port, "message", { signal })) as [MessageEvent];
  return (event.data ?? event) as MessageFromTransfer;
}

test("TransferThread carries blocks from one memory to another, and tells both sides", async (context) => {
  const [from, to] = [7, 9].map((fill) => makeMemory({ blockBytes: 64, blockCount: 4, fill }));
  const producer = await TransferThread.start(kvTransferOptions("kv_producer"), from!);
  context.after(() => producer.close());
  const consumer = await TransferThread.start(kvTransferOptions("kv_consumer"), to!);
  context.after(() => consumer.close());
  assert.equal(consumer.sideChannelPort, 0);
  const lease = { requestId, blockIds: Int32Array.of(2), tokensDigest: digest };
  producer.send({ kind: "lease", lease });
  const [released, pulled] = [next(producer), next(consumer)];
  const source = { requestId, host: "127.0.0.1", port: producer.sideChannelPort };
  const job = {
    source,
    tokensDigest: digest,
    sourceBlockIds: Int32Array.of(2),
    targetBlockIds: Int32Array.of(1),
  };
  consumer.send({ kind: "pull", pullId: 1, job });
  const ended = await pulled;
  assert(ended.kind === "pull-ended" && ended.result.isDone);
  assert.equal(ended.result.bytes, 128);
  assert.equal(new Uint8Array(to!.buffer)[64], 7);
  assert.equal(new Uint8Array(to!.buffer)[63], 9);
  assert.deepEqual(await released, {
    kind: "lease-ended",
    requestId,
    end: "released",
    sentBytesTotal: 128,
  });
});

test("TransferThread.start() rejects when its port is taken", async (context) => {
  const memory = makeMemory({ blockBytes: 64, blockCount: 4, fill: 0 });
  const first = await TransferThread.start(kvTransferOptions("kv_both"), memory);
  context.after(() => first.close());
  const options = kvTransferOptions("kv_both", { sideChannelPort: first.sideChannelPort });
  await assert.rejects(TransferThread.start(options, memory), {
    code: "PORT_IN_USE",
    message: /side channel of KV transfer/,
  });
});
