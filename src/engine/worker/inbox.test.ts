import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageChannel } from "node:worker_threads";
import { Inbox } from "./inbox.ts";

test("Inbox.drain() fetches messages in order, without a turn of the event loop", (context) => {
  const { port1, port2 } = new MessageChannel();
  context.after(() => port1.close());
  const inbox = new Inbox<number>(port2);
  for (const message of [1, 2, 3]) port1.postMessage(message);
  assert.deepEqual(inbox.drain(), [1, 2, 3]);
  assert.deepEqual(inbox.drain(), []);
});

test("Inbox.drain() keeps the order of messages that the event loop brought and those it did not", async (context) => {
  const { port1, port2 } = new MessageChannel();
  context.after(() => port1.close());
  const inbox = new Inbox<number>(port2);
  port1.postMessage(1);
  await inbox.arrival();
  port1.postMessage(2);
  assert.deepEqual(inbox.drain(), [1, 2]);
});

test("Inbox.arrival() resolves at once while messages wait, and else when one comes", async (context) => {
  const { port1, port2 } = new MessageChannel();
  context.after(() => port1.close());
  const inbox = new Inbox<number>(port2);
  for (let round = 0; round < 3; round++) {
    const arrival = inbox.arrival();
    port1.postMessage(round);
    await arrival;
    await inbox.arrival();
    assert.deepEqual(inbox.drain(), [round]);
  }
});

test("Inbox hears all of its ports", async (context) => {
  const [first, second] = [new MessageChannel(), new MessageChannel()];
  context.after(() => {
    first.port1.close();
    second.port1.close();
  });
  const inbox = new Inbox<number>(first.port2, second.port2);
  second.port1.postMessage(2);
  await inbox.arrival();
  first.port1.postMessage(1);
  second.port1.postMessage(3);
  assert.deepEqual(
    inbox.drain().toSorted((a, b) => a - b),
    [1, 2, 3],
  );
});
