import assert from "node:assert/strict";
import { test } from "node:test";
import { RawClient } from "../test-support/raw-client.ts";
import { startTestRouter } from "../test-support/test-router.ts";
import { post, prompt, requestText, startWorker, type Work } from "../test-support/worker.ts";

test("RepeatedRequest gets the whole answer of a client that was cut in its middle", async () => {
  await using rank = await startWorker();
  await using router = await startTestRouter([rank]);
  const first = new RawClient(router.url).send(requestText("k"));
  const { response } = await rank.work(0);
  response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n");
  await first.receives("data: 1");
  first.socket.resetAndDestroy();
  response.write("data: 2\n\n");
  using retry = new RawClient(router.url).send(requestText("k"));
  await retry.receives(/idempotency-replayed: true\r\n[^]*data: 1\n\n[^]*data: 2/);
  response.end("data: 3\n\n");
  const received = await retry.receives("\r\n0\r\n\r\n");
  assert.deepEqual(received.match(/data: \d/g), ["data: 1", "data: 2", "data: 3"]);
  assert.equal(received.match(/HTTP\/1\.1 200/g)?.length, 1);
  retry.send("GET /health HTTP/1.1\r\nhost: x\r\n\r\n");
  await retry.receives(/\r\n0\r\n\r\nHTTP\/1\.1 200 /);
  assert.equal(rank.works.length, 1);
  await router.settles();
});

test("RepeatedRequest waits for the answer where it comes before it", async () => {
  await using rank = await startWorker();
  await using router = await startTestRouter([rank]);
  const first = new RawClient(router.url).send(requestText("k"));
  const { response } = await rank.work(0);
  first.socket.destroy();
  const retry = post(router.url, "k");
  const second = await retryCannotReachRank(rank, retry);
  assert.equal(second, "pending");
  response.end("done");
  const answer = await retry;
  assert.equal(await answer.text(), "done");
  assert.equal(rank.works.length, 1);
});

/** Waits a little for what must not happen; a slow machine can only make it pass wrongly. */
async function retryCannotReachRank(
  rank: { readonly works: readonly Work[] },
  retry: Promise<Response>,
) {
  const soon = new Promise<"pending">((resolve) => setTimeout(() => resolve("pending"), 50));
  const first = await Promise.race([soon, retry]);
  assert.equal(rank.works.length, 1);
  return first;
}

test("RepeatedRequest gets an answer that is over, each time and on any connection", async () => {
  await using rank = await startWorker();
  await using router = await startTestRouter([rank]);
  const first = post(router.url, "k");
  (await rank.work(0)).response.setHeader("x-own", "1").end("done");
  const original = await first;
  assert.equal(original.headers.get("idempotency-replayed"), null);
  assert.equal(await original.text(), "done");
  const again = await post(router.url, "k");
  assert.equal(again.headers.get("idempotency-replayed"), "true");
  assert.equal(again.headers.get("x-own"), "1");
  assert.equal(again.headers.get("x-request-id"), original.headers.get("x-request-id"));
  assert.equal(await again.text(), "done");
  using closing = new RawClient(router.url);
  closing.send(requestText("k", prompt, "connection: close\r\n"));
  assert.match(await closing.ended(), /\r\nconnection: close\r\n\r\ndone$/);
  using chunked = new RawClient(router.url);
  chunked.send(
    'POST /v1/completions HTTP/1.1\r\nhost: x\r\nidempotency-key: k\r\ntransfer-encoding: chunked\r\n\r\n3\r\n{"p\r\nb\r\nrompt":"a"}\r\n0\r\n\r\n',
  );
  await chunked.receives(/idempotency-replayed: true[^]*done/);
  assert.equal(rank.works.length, 1);
});

test("RepeatedRequest is told from requests with keys of others, other keys and other bodies", async () => {
  await using rank = await startWorker();
  await using router = await startTestRouter([rank]);
  const asked = [
    post(router.url, "k"),
    post(router.url, "other"),
    post(router.url, "k", { headers: { authorization: "Bearer mine" } }),
  ];
  await rank.work(2);
  const differs = await post(router.url, "k", { body: '{"prompt":"b"}' });
  assert.equal(differs.status, 422);
  assert.match(await differs.text(), /belongs to another request/);
  const elsewhere = await fetch(`${router.url}/v1/embeddings`, {
    method: "POST",
    body: prompt,
    headers: { "idempotency-key": "k" },
  });
  assert.equal(elsewhere.status, 422);
  for (const { response } of rank.works) response.end("done");
  for (const answer of await Promise.all(asked)) assert.equal(await answer.text(), "done");
  const get = fetch(`${router.url}/v1/models`, { headers: { "idempotency-key": "k" } });
  (await rank.work(3)).response.end("models");
  assert.equal(await (await get).text(), "models");
});

test("RepeatedRequest gets the answer as the latest of two clients, and the other one is told", async () => {
  await using rank = await startWorker();
  await using router = await startTestRouter([rank]);
  using first = new RawClient(router.url).send(requestText("k"));
  const { response } = await rank.work(0);
  using second = new RawClient(router.url).send(requestText("k"));
  await first.receives(/^HTTP\/1\.1 409 [^]*the same request came again and gets it/);
  response.write("half");
  await second.receives("half");
  using third = new RawClient(router.url).send(requestText("k"));
  await third.receives("half");
  await second.ended();
  assert.equal(second.ending, "reset");
  response.end("whole");
  await third.receives(/whole\r\n0\r\n\r\n/);
  assert.equal(rank.works.length, 1);
  await router.settles();
});
