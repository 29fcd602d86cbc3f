/** Prefill ranks that refuse, fail, break off, hang or say nothing useful. Each client has its answer all the same. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  answerJson,
  prefillAnswer,
  someParams,
  startDecodeRank,
  startGenerationRank,
  startPrefillRank,
} from "../test-support/generation-rank.ts";
import { startHandOffRouter } from "../test-support/hand-off-router.ts";
import { startStuckRank } from "../test-support/stuck-rank.ts";
import { type RawWriter, startRawRank } from "../test-support/test-rank.ts";
import { eventually, within } from "../test-support/within.ts";

const body = { prompt: "a" };
const ok = "HTTP/1.1 200 OK\r\n";

test("Prefill leaves it to the decode rank to refuse what it refuses", async () => {
  await using prefill = await startGenerationRank(({ response }) =>
    answerJson(response, '{"error":{"message":"1 token for the output","code":400}}', 400),
  );
  const error = '{"error":{"message":"100 tokens for the output","code":400}}';
  await using decode = await startGenerationRank(({ response }) =>
    answerJson(response, error, 400),
  );
  await using spare = await startPrefillRank();
  await using router = await startHandOffRouter({ prefill: [prefill, spare], decode: [decode] });
  const response = await router.post(body);
  assert.equal(response.status, 400);
  assert.equal(await response.text(), error);
  assert.equal(response.headers.get("x-penstock-rank"), "2");
  assert.equal(response.headers.get("x-penstock-prefill-rank"), null);
  assert.deepEqual(decode.seen[0]!.json, body);
  assert.equal(spare.seen.length, 0);
  await router.settles();
  assert.deepEqual(await router.handOffs(), { refused: 1 });
  assert.equal(await router.metric('penstock_router_requests_total{status="4xx"}'), 1);
});

/** Ways in which a prefill rank fails a request that has reached it. */
const failures: Readonly<Record<string, (rank: RawWriter) => void>> = {
  "answers 500": ({ write }) => write("HTTP/1.1 500 Oh\r\ncontent-length: 2\r\n\r\nno"),
  "answers 302": ({ write }) => write("HTTP/1.1 302 There\r\ncontent-length: 0\r\n\r\n"),
  closes: ({ end }) => end(),
  resets: ({ reset }) => reset(),
  "closes within its head": ({ write, end }) => {
    write("HTTP/1.1 2");
    end();
  },
  "closes within its body": ({ write, end }) => {
    write(`${ok}content-length: 99\r\n\r\n{"kv`);
    end();
  },
  "resets within its body": ({ write, reset }) => {
    write(`${ok}transfer-encoding: chunked\r\n\r\n3\r\n{"k\r\n`);
    setImmediate(reset);
  },
  "talks nonsense": ({ write }) => write("nonsense\r\n\r\n"),
  "says too much": ({ write }) => write(`${ok}content-length: 5000\r\n\r\n`),
  "keeps silent": () => undefined,
  "stalls within its body": ({ write }) => write(`${ok}content-length: 99\r\n\r\n{"kv`),
};

const limits = { prefillSilenceMsMax: 150, prefillAnswerBytesMax: 4_000 };

for (const [what, act] of Object.entries(failures)) {
  test(`Prefill goes to the next rank when one ${what}`, async () => {
    await using bad = await startRawRank((_received, writer) => act(writer));
    await using good = await startPrefillRank();
    await using decode = await startDecodeRank();
    await using router = await startHandOffRouter(
      { prefill: [bad, good], decode: [decode] },
      { limits },
    );
    const response = await within("an answer", router.post(body));
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("x-penstock-prefill-rank"), "1");
    assert.equal(decode.seen[0]!.text, `{"prompt":"a","kv_transfer_params":${someParams}}`);
    await router.settles();
    assert.deepEqual(await router.handOffs(), { done: 1 });
    assert.equal(await router.metric('penstock_router_retries_total{reason="prefill_failed"}'), 1);
    assert.ok(router.log.some(({ message }) => message === "Prefill failed"));
  });

  test(`Prefill leaves the prompt to the decode rank when the only rank ${what}`, async () => {
    await using bad = await startRawRank((_received, writer) => act(writer));
    await using decode = await startDecodeRank();
    await using router = await startHandOffRouter({ prefill: [bad], decode: [decode] }, { limits });
    const response = await within("an answer", router.post(body));
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("x-penstock-prefill-rank"), null);
    assert.deepEqual(decode.seen[0]!.json, body);
    await router.settles();
    assert.deepEqual(await router.handOffs(), { prefill_failed: 1 });
  });
}

test("Prefill asks no more ranks than its limit", async () => {
  const ranks = await Promise.all(
    [1, 2, 3].map(() => startGenerationRank(({ response }) => answerJson(response, "{}", 503))),
  );
  await using decode = await startDecodeRank();
  await using router = await startHandOffRouter(
    { prefill: ranks, decode: [decode] },
    { limits: { prefillTriesMax: 2 } },
  );
  assert.equal((await router.post(body)).status, 200);
  assert.equal(
    ranks.reduce((count, { seen }) => count + seen.length, 0),
    2,
  );
  for (const rank of ranks) await rank.kill();
});

test("Prefill goes to the next rank when one cannot be reached", async () => {
  const dead = await startPrefillRank();
  await using alive = await startPrefillRank();
  await using decode = await startDecodeRank();
  await using router = await startHandOffRouter(
    { prefill: [dead, alive], decode: [decode] },
    { health: { upIntervalMs: 600_000 } },
  );
  await dead.kill();
  for (let count = 0; count < 3; count++) {
    const response = await router.post(body);
    assert.equal(response.headers.get("x-penstock-prefill-rank"), "1");
  }
  assert.equal(router.status()[0]!.state, "down");
  await router.settles();
});

test("Prefill gives up a rank that hangs as soon as its health checks fail", async () => {
  await using stuck = await startStuckRank();
  await using decode = await startDecodeRank();
  await using router = await startHandOffRouter(
    { prefill: [stuck], decode: [decode] },
    { health: { timeoutMs: 100, failuresMax: 2 }, limits: { connectMsMax: 60_000 } },
  );
  await stuck.stopAccepting();
  assert.equal((await within("an answer", router.post(body))).status, 200);
  await eventually("the rank is out of use", () => router.status()[0]!.state === "down");
  await router.settles();
});

for (const [what, answer] of [
  ["null", prefillAnswer("null")],
  ["no field", '{"id":"p"}'],
  ["no JSON", "<html>"],
] as const) {
  test(`Prefill leaves the prompt to the decode rank where a rank gives ${what}`, async () => {
    await using prefill = await startGenerationRank(({ response }) => answerJson(response, answer));
    await using decode = await startDecodeRank();
    await using router = await startHandOffRouter({ prefill: [prefill], decode: [decode] });
    assert.equal((await router.post(body)).status, 200);
    assert.deepEqual(decode.seen[0]!.json, body);
    await router.settles();
    assert.deepEqual(await router.handOffs(), { no_params: 1 });
  });
}

test("Prefill uses a rank's connection again", async () => {
  await using prefill = await startPrefillRank();
  await using decode = await startDecodeRank();
  await using router = await startHandOffRouter(
    { prefill: [prefill], decode: [decode] },
    { health: { upIntervalMs: 600_000 } },
  );
  const before = prefill.connectionCount;
  for (let count = 0; count < 4; count++) await router.post(body);
  assert.equal(prefill.connectionCount - before, 1);
});
