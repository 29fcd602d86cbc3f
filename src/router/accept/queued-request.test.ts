import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { RawClient } from "../test-support/raw-client.ts";
import { startRank } from "../test-support/test-rank.ts";
import { startTestRouter, type TestRouter } from "../test-support/test-router.ts";
import { eventually, within } from "../test-support/within.ts";

const one = { requestsInFlightMax: 1 };

/** A rank that answers with what it got when it is told to, and the requests that came. */
async function startPatientRank() {
  const open: {
    readonly url: string;
    readonly response: ServerResponse;
    readonly body: Promise<string>;
  }[] = [];
  const rank = await startRank((request, response) => {
    open.push({ url: request.url ?? "", response, body: text(request) });
  });
  const answer = async (index: number) => open[index]!.response.end(await open[index]!.body);
  return { rank, open, answer };
}

async function queues(router: TestRouter, count: number): Promise<void> {
  await eventually(`${count} wait`, async () => {
    return (await router.metric("penstock_router_requests_queued")) === count;
  });
}

test("QueuedRequest sends its whole body once it is its turn, in the order of arrival", async () => {
  const { rank, open, answer } = await startPatientRank();
  await using _rank = rank;
  await using router = await startTestRouter([rank], { limits: one });
  const first = fetch(`${router.url}/0`);
  await eventually("the first is there", () => open.length === 1);
  const body = "0123456789".repeat(100_000);
  const second = fetch(`${router.url}/1`, { method: "POST", body });
  await queues(router, 1);
  const third = fetch(`${router.url}/2`, { method: "POST", body: "short" });
  await queues(router, 2);
  await answer(0);
  await (await first).text();
  await eventually("the second is there", () => open.length === 2);
  await answer(1);
  assert.equal(await (await second).text(), body);
  await eventually("the third is there", () => open.length === 3);
  await answer(2);
  assert.equal(await (await third).text(), "short");
  assert.deepEqual(
    open.map(({ url }) => url),
    ["/0", "/1", "/2"],
  );
  await queues(router, 0);
  await router.settles();
});

test("QueuedRequest is answered with 503 when it has waited for queueMsMax", async () => {
  const { rank, open, answer } = await startPatientRank();
  await using _rank = rank;
  await using router = await startTestRouter([rank], { limits: { ...one, queueMsMax: 50 } });
  const first = fetch(`${router.url}/0`);
  await eventually("the first is there", () => open.length === 1);
  const second = await fetch(`${router.url}/1`, { method: "POST", body: "x" });
  assert.equal(second.status, 503);
  assert.match(second.headers.get("retry-after") ?? "", /^[1-9]\d*$/);
  assert.match(await second.text(), /no place came free in 0\.05 s/);
  await answer(0);
  assert.equal((await first).status, 200);
  assert.equal(open.length, 1);
});

test("QueuedRequest gives its place in the row back when its client leaves", async () => {
  const { rank, open, answer } = await startPatientRank();
  await using _rank = rank;
  await using router = await startTestRouter([rank], { limits: { ...one, queueDepthMax: 1 } });
  const first = fetch(`${router.url}/0`);
  await eventually("the first is there", () => open.length === 1);
  using second = new RawClient(router.url);
  second.send("POST /1 HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nab");
  await queues(router, 1);
  second.socket.destroy();
  await queues(router, 0);
  const third = fetch(`${router.url}/2`);
  await queues(router, 1);
  await answer(0);
  await (await first).text();
  await eventually("the third is there", () => open.length === 2);
  await answer(1);
  await (await third).text();
  assert.deepEqual(
    open.map(({ url }) => url),
    ["/0", "/2"],
  );
  assert.equal(await router.metric("penstock_router_client_aborts_total"), 1);
  await router.settles();
});

test("QueuedRequest leaves a body that has not come in the kernel", async () => {
  const { rank, open, answer } = await startPatientRank();
  await using _rank = rank;
  await using router = await startTestRouter([rank], { limits: one });
  const first = fetch(`${router.url}/0`);
  await eventually("the first is there", () => open.length === 1);
  using second = new RawClient(router.url);
  const length = 64_000_000;
  second.send(
    `POST /1 HTTP/1.1\r\nhost: x\r\ncontent-length: ${length}\r\nconnection: close\r\n\r\n`,
  );
  const chunk = Buffer.alloc(1_000_000, "x");
  for (let sent = 0; sent < length; sent += chunk.length) second.socket.write(chunk);
  await queues(router, 1);
  await fetch(`${router.url}/health`);
  assert.ok(second.socket.writableLength > length / 2);
  await answer(0);
  await (await first).text();
  await eventually("the second is there", () => open.length === 2);
  await answer(1);
  assert.ok((await second.ended()).endsWith("x".repeat(1_000)));
  assert.equal(second.received.length - second.received.indexOf("\r\n\r\n") - 4 >= length, true);
});

test("QueuedRequest is answered with 503 when the router shuts down", async () => {
  const { rank, open, answer } = await startPatientRank();
  await using _rank = rank;
  await using router = await startTestRouter([rank], { limits: one });
  const first = fetch(`${router.url}/0`);
  await eventually("the first is there", () => open.length === 1);
  using second = new RawClient(router.url).send("GET /1 HTTP/1.1\r\nhost: x\r\n\r\n");
  await queues(router, 1);
  const closed = router.close();
  assert.match(await second.ended(), /^HTTP\/1\.1 503 [^]*the router is shutting down/);
  await answer(0);
  assert.equal((await first).status, 200);
  await within("the router closes", closed);
  assert.equal(open.length, 1);
});
