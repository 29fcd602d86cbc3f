import assert from "node:assert/strict";
import { test } from "node:test";
import type { Request, RequestClient } from "../accept/request.ts";
import { defaultRouterLimits } from "../limits.ts";
import { RawClient } from "../test-support/raw-client.ts";
import { TimerClock } from "../test-support/timer-clock.ts";
import { startTestRouter } from "../test-support/test-router.ts";
import { eventually } from "../test-support/within.ts";
import { IdempotencyEntry } from "./idempotency-entry.ts";
import { ignore, post, prompt, requestText, startWorker } from "../test-support/worker.ts";

test("IdempotencyEntry ends a request whose client does not come back in idempotencyHoldMsMax", async () => {
  await using rank = await startWorker();
  const limits = { idempotencyHoldMsMax: 50 };
  await using router = await startTestRouter([rank], { limits });
  const first = new RawClient(router.url).send(requestText("k"));
  const work = await rank.work(0);
  first.socket.destroy();
  await eventually("the rank feels it", () => work.hasClosed);
  await router.settles();
  const fresh = post(router.url, "k");
  (await rank.work(1)).response.end("done");
  assert.equal(await (await fresh).text(), "done");
});

test("IdempotencyEntry ends at once a request whose client leaves within the body", async () => {
  await using rank = await startWorker();
  await using router = await startTestRouter([rank]);
  const first = new RawClient(router.url);
  first.send(requestText("k", prompt, "expect: 100-continue\r\n").slice(0, -1));
  await first.receives("100 Continue");
  await eventually("it is under way", async () => {
    const another = await post(router.url, "k");
    const body = await another.text();
    return another.status === 409 && body.includes("has not come yet");
  });
  first.socket.destroy();
  await router.settles();
  await eventually("the key is free", async () => {
    const aborted = AbortSignal.timeout(100);
    const headers = { "idempotency-key": "k" };
    const again = fetch(`${router.url}/v1/completions`, {
      method: "POST",
      body: prompt,
      headers,
      signal: aborted,
    });
    await again.then((answer) => answer.text(), ignore);
    return rank.works.length > 0;
  });
});

test("IdempotencyEntry keeps no answer that trying again may better", async () => {
  await using rank = await startWorker();
  await using router = await startTestRouter([rank]);
  for (const [index, status] of [500, 429, 503].entries()) {
    const asked = post(router.url, "k");
    (await rank.work(index)).response.writeHead(status).end("bad");
    assert.equal((await asked).status, status);
  }
  const broken = post(router.url, "k");
  const { response } = await rank.work(3);
  response.write("half");
  await (await broken).body!.getReader().read();
  response.destroy();
  const fine = post(router.url, "k");
  (await rank.work(4)).response.writeHead(400).end("wrong");
  assert.equal((await fine).status, 400);
  assert.equal((await post(router.url, "k")).status, 400);
  assert.equal(rank.works.length, 5);
});

test("IdempotencyEntry keeps no stream that its rank broke off, though the client could be told at its end", async () => {
  await using rank = await startWorker();
  await using router = await startTestRouter([rank]);
  using client = new RawClient(router.url).send(requestText("k"));
  const { response } = await rank.work(0);
  response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n");
  await client.receives("data: 1");
  response.destroy();
  await client.receives(/BadGateway[^]*\r\n0\r\n\r\n/);
  const fresh = post(router.url, "k");
  (await rank.work(1)).response.end("done");
  assert.equal(await (await fresh).text(), "done");
});

test("IdempotencyEntry says of an answer past its limit that it is given once, and ends it when nobody reads", async () => {
  await using rank = await startWorker();
  const limits = { idempotentAnswerBytesMax: 1_000 };
  await using router = await startTestRouter([rank], { limits });
  using first = new RawClient(router.url).send(requestText("k"));
  const work = await rank.work(0);
  work.response.write("x".repeat(2_000));
  await first.receives("x".repeat(2_000));
  const second = await post(router.url, "k");
  assert.equal(second.status, 409);
  assert.match(await second.text(), /too long to be given twice/);
  first.socket.destroy();
  await eventually("the rank feels it", () => work.hasClosed);
  await router.settles();
  const gone = new RawClient(router.url).send(requestText("other"));
  const other = await rank.work(1);
  other.response.write("begun");
  await gone.receives("begun");
  gone.socket.destroy();
  await eventually("the router has felt it", () => gone.socket.closed);
  await eventually("the rank feels it", () => {
    other.response.write("x".repeat(600));
    return other.hasClosed;
  });
  await router.settles();
});

const nobody = {} as RequestClient; // Nothing is written to it.

/** An entry on a clock of its own, and what it told its request and its owner. */
function lonelyEntry() {
  const clock = new TimerClock();
  const told: string[] = [];
  const request: Request = {
    start: () => true,
    onBody: () => true,
    onBodyEnd: () => undefined,
    onClientDrain: () => void told.push("drained"),
    onClientGone: (status) => void told.push(status === undefined ? "gone" : `gone ${status}`),
  };
  const entry = new IdempotencyEntry(nobody, () => request, {
    clock,
    limits: defaultRouterLimits,
    isDraining: () => false,
    takeRoom: () => true,
    giveRoomBack: () => undefined,
    onForgotten: () => void told.push("forgotten"),
  });
  return { entry, clock, told };
}

test("IdempotencyEntry goes on for as long as it takes once a client is back", () => {
  const { entry, clock, told } = lonelyEntry();
  entry.digest = "the same";
  const holdMs = defaultRouterLimits.idempotencyHoldMsMax;
  entry.leave();
  clock.pass(holdMs - 1);
  entry.join(nobody);
  clock.pass(10 * holdMs);
  // Each time: whoever came or left, the one before may have held the rank up.
  assert.deepEqual(told, ["drained", "drained"]);
  entry.leave();
  clock.pass(holdMs);
  assert.deepEqual(told, ["drained", "drained", "drained", "forgotten", "gone"]);
  assert.equal(clock.timerCount, 0);
});

test("IdempotencyEntry tells its request how a client was answered that broke the protocol", () => {
  const { entry, told } = lonelyEntry();
  entry.leave(413);
  assert.deepEqual(told, ["forgotten", "gone 413"]);
});
