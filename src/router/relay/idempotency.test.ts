import assert from "node:assert/strict";
import { test } from "node:test";
import { RawClient } from "../test-support/raw-client.ts";
import { startTestRouter } from "../test-support/test-router.ts";
import { eventually } from "../test-support/within.ts";
import { post, prompt, requestText, startWorker } from "../test-support/worker.ts";

test("IdempotentRequests forgets an answer after idempotencyKeepMs, and the oldest when there is no room", async () => {
  await using rank = await startWorker();
  const answerOf = async (asked: Promise<Response>, index: number, body: string) => {
    (await rank.work(index)).response.end(body);
    assert.equal(await (await asked).text(), body);
  };
  await using brief = await startTestRouter([rank], { limits: { idempotencyKeepMs: 1 } });
  await answerOf(post(brief.url, "k"), 0, "one");
  await eventually("it is forgotten", async () => {
    const asked = post(brief.url, "k");
    const isNew = await Promise.race([asked.then(() => false), rank.work(1).then(() => true)]);
    if (isNew) await answerOf(asked, 1, "two");
    return isNew;
  });
  const limits = { idempotencyBytesMax: 100 };
  await using narrow = await startTestRouter([rank], { limits });
  await answerOf(post(narrow.url, "a"), 2, "a".repeat(60));
  await answerOf(post(narrow.url, "b"), 3, "b".repeat(60));
  assert.equal(await (await post(narrow.url, "b")).text(), "b".repeat(60));
  await answerOf(post(narrow.url, "a"), 4, "again");
  await using few = await startTestRouter([rank], { limits: { idempotencyKeysMax: 1 } });
  const asked = post(few.url, "a");
  await rank.work(5);
  const full = await post(few.url, "b");
  assert.equal(full.status, 503);
  assert.match(await full.text(), /all 1 places for requests with a key are taken/);
  await answerOf(asked, 5, "five");
  await answerOf(post(few.url, "b"), 6, "six");
});

test("IdempotentRequests waits for nobody when the router shuts down", async () => {
  await using rank = await startWorker();
  await using router = await startTestRouter([rank], { limits: { drainMsMax: 5_000 } });
  const first = new RawClient(router.url).send(requestText("k"));
  const work = await rank.work(0);
  first.socket.destroy();
  await router.close();
  await eventually("the rank feels it", () => work.hasClosed);
});

test("idempotencyKeyOf() takes keys of 1 to 255 characters, once", async () => {
  await using rank = await startWorker();
  await using router = await startTestRouter([rank]);
  for (const key of ["", "x".repeat(256)]) {
    using client = new RawClient(router.url).send(requestText(key));
    assert.match(await client.ended(), /^HTTP\/1\.1 400 [^]*expected 1 to 255/);
  }
  using twice = new RawClient(router.url);
  twice.send(requestText("k", prompt, "idempotency-key: l\r\n"));
  assert.match(await twice.ended(), /^HTTP\/1\.1 400 [^]*more than once/);
  const longest = post(router.url, "x".repeat(255));
  (await rank.work(0)).response.end("done");
  assert.equal((await longest).status, 200);
});
