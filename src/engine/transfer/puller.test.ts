import assert from "node:assert/strict";
import { test } from "node:test";
import { startFaultProxy } from "../test-support/fault-proxy.ts";
import { makeMemory } from "../test-support/kv-memory.ts";
import { farewellsMax, farewellsWaitingMax, pullsMax } from "./limits.ts";
import type { MessageFromTransfer } from "./messages.ts";
import { Puller } from "./puller.ts";
import {
  blockBytes,
  host,
  requestId,
  startProducer,
  tokensDigest,
  until,
} from "./test-support/producer.ts";

function makePuller(idleMsMax: number) {
  const memory = makeMemory({ blockBytes, blockCount: 8, fill: 9 });
  const heard: MessageFromTransfer[] = [];
  const puller = new Puller({ memory, idleMsMax, send: (message) => heard.push(message) });
  const pull = (pullId: number, port: number) =>
    puller.pull(pullId, {
      source: { requestId, host, port },
      tokensDigest,
      sourceBlockIds: Int32Array.of(1),
      targetBlockIds: Int32Array.of(5),
    });
  /** Of the pulls that ended, in order: its id, and whether it brought the blocks. */
  const ended = () =>
    heard.flatMap((message) =>
      message.kind === "pull-ended" ? [[message.pullId, message.result.isDone]] : [],
    );
  return { puller, pull, ended, heard };
}

test("Puller says of each pull how it ended, and lets the lease go behind it", async (context) => {
  const { channel, ends } = await startProducer(context);
  const { pull, ended, heard } = makePuller(5_000);
  pull(1, channel.port);
  await until(() => ends.length === 1);
  pull(2, channel.port);
  await until(() => heard.length === 2);
  assert.deepEqual(ended(), [
    [1, true],
    [2, false],
  ]);
  await channel.close();
  pull(3, channel.port);
  await until(() => ended().length === 3 && heard.at(-1)!.kind === "release-failed");
});

test("Puller has so many pulls open at once and no more, and cancels those that wait", async (context) => {
  const { channel } = await startProducer(context);
  const silence = { kind: "silence", afterBytes: 20 } as const;
  const silent = await startFaultProxy(context, { host, port: channel.port }, silence);
  const { puller, pull, ended } = makePuller(60_000);
  for (let pullId = 0; pullId < pullsMax; pullId++) pull(pullId, silent);
  pull(100, silent);
  pull(101, channel.port);
  puller.cancel(100);
  puller.cancel(999);
  assert.deepEqual(ended(), []);
  puller.cancel(0);
  await until(() => ended().length === 3);
  assert.deepEqual(ended(), [
    [0, false],
    [100, false],
    [101, true],
  ]);
  puller.close();
  await until(() => ended().length === pullsMax + 2);
});

test("Puller lets no farewell that is not heard hold up a pull, and drops those past its limit", async (context) => {
  const { channel } = await startProducer(context);
  const silence = { kind: "silence", afterBytes: 20 } as const;
  const silent = await startFaultProxy(context, { host, port: channel.port }, silence);
  const { puller, pull, ended, heard } = makePuller(60_000);
  for (let count = 0; count < farewellsMax + farewellsWaitingMax; count++)
    puller.release({ requestId, host, port: silent });
  assert.equal(heard.length, 0);
  puller.release({ requestId, host, port: silent });
  assert.deepEqual(heard, [{ kind: "release-failed" }]);
  pull(1, channel.port);
  await until(() => ended().length === 1);
  assert.deepEqual(ended(), [[1, true]]);
  puller.close();
  await until(() => heard.length === 3 + farewellsMax + farewellsWaitingMax);
});
