/** Both legs through a real router to real little ranks. After each story all leases are back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  answerJson,
  someParams,
  startDecodeRank,
  startGenerationRank,
  startPrefillRank,
} from "../test-support/generation-rank.ts";
import { startHandOffRouter } from "../test-support/hand-off-router.ts";
import { RawClient } from "../test-support/raw-client.ts";
import { unusedPort } from "../test-support/test-rank.ts";
import { eventually, within } from "../test-support/within.ts";

const paths = ["/v1/completions", "/v1/chat/completions"] as const;

for (const path of paths) {
  test(`HandOff lets a prefill rank compute the prompt and a decode rank the answer (${path})`, async () => {
    await using prefill = await startPrefillRank();
    await using decode = await startDecodeRank();
    await using router = await startHandOffRouter({ prefill: [prefill], decode: [decode] });
    const body = '{"model":"m", "prompt":"h\u00e4","max_tokens":7,"temperature":1.0}';
    const headers = { authorization: "Bearer a", "x-request-id": "r" };
    const response = await router.post(body, `${path}?v=1`, { headers });
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), { name: "decoded" });
    assert.equal(response.headers.get("x-penstock-prefill-rank"), "0");
    assert.equal(response.headers.get("x-penstock-rank"), "1");
    assert.equal(prefill.seen.length, 1);
    assert.equal(prefill.seen[0]!.json["max_tokens"], 1);
    assert.equal(prefill.seen[0]!.json["stream"], false);
    assert.equal(decode.seen[0]!.text, `${body.slice(0, -1)},"kv_transfer_params":${someParams}}`);
    for (const { headers, path: seenPath } of [prefill.seen[0]!, decode.seen[0]!]) {
      assert.equal(seenPath, `${path}?v=1`);
      assert.equal(headers.authorization, "Bearer a");
      assert.equal(headers["x-request-id"], "r");
    }
    await router.settles();
    assert.deepEqual(await router.handOffs(), { done: 1 });
    assert.equal(await router.metric("penstock_router_prefill_seconds_count"), 1);
  });
}

test("HandOff passes on each event of a stream before the rank sends the next", async () => {
  await using prefill = await startPrefillRank();
  const streams = Promise.withResolvers<(text: string) => void>();
  await using decode = await startGenerationRank(({ response }) => {
    response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
    streams.resolve((text) => void (text === "" ? response.end() : response.write(text)));
  });
  await using router = await startHandOffRouter({ prefill: [prefill], decode: [decode] });
  const answer = router.post({ prompt: "a", stream: true });
  const send = await within("the request", streams.promise);
  send("data: 0\n\n");
  const response = await within("the head", answer);
  assert.equal(response.headers.get("x-penstock-prefill-rank"), "0");
  const reader = response.body!.getReader();
  for (let number = 0; number < 3; number++) {
    const { value } = await within(`event ${number}`, reader.read());
    assert.equal(Buffer.from(value).toString(), `data: ${number}\n\n`);
    send(`data: ${number + 1}\n\n`);
  }
  assert.deepEqual(
    router.status().map(({ inFlight }) => inFlight),
    [0, 1],
  );
  send("");
  await reader.read();
  await router.settles();
});

test("HandOff takes a body in any framing and any pieces, with requests behind it", async () => {
  await using prefill = await startPrefillRank();
  await using decode = await startDecodeRank();
  await using router = await startHandOffRouter({ prefill: [prefill], decode: [decode] });
  using client = new RawClient(router.url);
  const head = "POST /v1/completions HTTP/1.1\r\nhost: x\r\n";
  const chunked = `${head}transfer-encoding: chunked\r\n\r\n5\r\n{"pro\r\n9\r\nmpt":"a"}\r\n0\r\n\r\n`;
  for (const byte of chunked) client.send(byte);
  const plain = `${head}content-length: 14\r\n\r\n{"prompt":"a"}`;
  client.send(`${plain}GET /v1/models HTTP/1.1\r\nhost: x\r\n\r\n${plain}`);
  await client.receives(/^(HTTP\/1\.1 200 OK\r\n[^]*?decoded[^]*?){4}$/);
  assert.equal(prefill.seen.length, 3);
  const spliced = `{"prompt":"a","kv_transfer_params":${someParams}}`;
  assert.deepEqual(
    decode.seen.map(({ text }) => text),
    [spliced, spliced, "", spliced],
  );
  assert.equal(decode.seen[0]!.headers["content-length"], String(spliced.length));
  assert.equal(decode.seen[0]!.headers["transfer-encoding"], undefined);
  await router.settles();
  assert.deepEqual(await router.handOffs(), { done: 3 });
});

test("HandOff carries a large body over whole, and lets go of it with the first byte of the answer", async () => {
  await using prefill = await startPrefillRank();
  await using decode = await startDecodeRank();
  await using router = await startHandOffRouter(
    { prefill: [prefill], decode: [decode] },
    { limits: { handOffBytesMax: 9_000_000 } },
  );
  const prompt = "\u00e4".repeat(4_000_000);
  for (let count = 0; count < 3; count++) {
    assert.equal((await router.post({ prompt })).status, 200);
    await router.settles();
  }
  for (const { json } of [...prefill.seen, ...decode.seen]) assert.ok(json["prompt"] === prompt);
});

for (const [outcome, body] of [
  ["many_prompts", { prompt: ["a", "b"] }],
  ["many_choices", { prompt: "a", n: 2 }],
  ["prompt_logprobs", { prompt: "a", prompt_logprobs: 1 }],
] as const) {
  test(`HandOff lets the decode rank alone serve a request for ${outcome}, without a client's parameters`, async () => {
    await using prefill = await startPrefillRank();
    await using decode = await startDecodeRank();
    await using router = await startHandOffRouter({ prefill: [prefill], decode: [decode] });
    const response = await router.post({ kv_transfer_params: { evil: true }, ...body });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("x-penstock-prefill-rank"), null);
    assert.equal(response.headers.get("x-penstock-rank"), "1");
    assert.equal(prefill.seen.length, 0);
    assert.deepEqual(decode.seen[0]!.json, body);
    await router.settles();
    assert.deepEqual(await router.handOffs(), { [outcome]: 1 });
  });
}

test("HandOff sends what is no generation to decode ranks, as it is", async () => {
  await using prefill = await startPrefillRank();
  await using decode = await startDecodeRank();
  await using router = await startHandOffRouter({ prefill: [prefill], decode: [decode] });
  await fetch(`${router.url}/v1/models`);
  await router.post("no { JSON", "/tokenize");
  assert.deepEqual(
    decode.seen.map(({ path, text }) => [path, text]),
    [
      ["/v1/models", ""],
      ["/tokenize", "no { JSON"],
    ],
  );
  assert.equal(prefill.seen.length, 0);
  await router.settles();
  assert.deepEqual(await router.handOffs(), {});
});

test("HandOff refuses a body that is no JSON object, which could hold what it does not see", async () => {
  await using prefill = await startPrefillRank();
  await using decode = await startDecodeRank();
  await using router = await startHandOffRouter({ prefill: [prefill], decode: [decode] });
  for (const body of ["", "[]", '{"prompt":"a"', '{"prompt":NaN}']) {
    const response = await router.post(body);
    assert.equal(response.status, 400);
    const { error } = (await response.json()) as { error: { message: string; type: string } };
    assert.match(
      error.message,
      /^Cannot read the request: its body is no JSON object: .* at byte \d/,
    );
    assert.equal(error.type, "BadRequestError");
  }
  assert.equal(prefill.seen.length + decode.seen.length, 0);
  await router.settles();
  assert.deepEqual(await router.handOffs(), { invalid: 4 });
});

test("HandOff refuses bodies longer than it keeps, whether announced or not, and takes the longest", async () => {
  await using prefill = await startPrefillRank();
  await using decode = await startDecodeRank();
  await using router = await startHandOffRouter(
    { prefill: [prefill], decode: [decode] },
    { limits: { handOffBodyBytesMax: 14 } },
  );
  assert.equal((await router.post('{"prompt":"a"}')).status, 200);
  const announced = await router.post('{"prompt":"ab"}');
  assert.equal(announced.status, 413);
  assert.match(await announced.text(), /longer than 14 bytes/);
  using client = new RawClient(router.url);
  client.send(
    'POST /v1/completions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nf\r\n{"prompt":"ab"}\r\n',
  );
  assert.match(await client.ended(), /^HTTP\/1\.1 413 /);
  await router.settles();
  assert.deepEqual(await router.handOffs(), { done: 1, too_large: 2 });
});

test("HandOff refuses a body for which there is no room, and takes it once there is", async () => {
  const held = Promise.withResolvers<() => void>();
  await using prefill = await startGenerationRank(({ response }) => {
    held.resolve(() => answerJson(response, "{}"));
  });
  await using decode = await startDecodeRank();
  await using router = await startHandOffRouter(
    { prefill: [prefill], decode: [decode] },
    { limits: { handOffBytesMax: 20 } },
  );
  const first = router.post('{"prompt":"a"}');
  const release = await within("the first request", held.promise);
  const second = await router.post('{"prompt":"a"}');
  assert.equal(second.status, 503);
  assert.equal(second.headers.get("retry-after"), "1");
  release();
  assert.equal((await first).status, 200);
  assert.equal((await router.post('{"prompt":["a","b"]}')).status, 200);
  await router.settles();
});

test("HandOff keeps a session on its rank of each role", async () => {
  const prefills = await Promise.all([1, 2, 3].map(startPrefillRank));
  const decodes = await Promise.all([1, 2, 3].map(() => startDecodeRank()));
  await using router = await startHandOffRouter(
    { prefill: prefills, decode: decodes },
    { policy: "consistent_hash" },
  );
  const places = new Map<string, string>();
  for (let turn = 0; turn < 2; turn++) {
    for (let number = 0; number < 20; number++) {
      const session = `session-${number}`;
      const { headers } = await router.post({ prompt: "a" }, "/v1/completions", {
        headers: { "x-session-id": session },
      });
      const place = `${headers.get("x-penstock-prefill-rank")} ${headers.get("x-penstock-rank")}`;
      assert.equal(places.get(session) ?? place, place);
      places.set(session, place);
    }
  }
  assert.ok(new Set(places.values()).size > 3);
  for (const rank of [...prefills, ...decodes]) await rank.kill();
});

test("HandOff keeps a session on its least loaded rank of each role until it is finished", async () => {
  const prefills = await Promise.all([1, 2].map(startPrefillRank));
  const decodes = await Promise.all([1, 2, 3].map(() => startDecodeRank()));
  await using router = await startHandOffRouter(
    { prefill: prefills, decode: decodes },
    { policy: "sticky_least_loaded" },
  );
  const place = async (session: string) => {
    const init = { headers: { "x-session-id": session } };
    const { headers } = await router.post({ prompt: "a" }, "/v1/completions", init);
    return [headers.get("x-penstock-prefill-rank"), headers.get("x-penstock-rank")];
  };
  const homes = [];
  for (const session of ["a", "b", "c"]) homes.push(await place(session));
  assert.equal(new Set(homes.map(([prefill]) => prefill)).size, 2);
  assert.equal(new Set(homes.map(([, decode]) => decode)).size, 3);
  assert.deepEqual([await place("c"), await place("a")], [homes[2], homes[0]]);
  for (const session of ["b", "c"]) await router.post("", `/finish_session?session_id=${session}`);
  const next = await place("d");
  assert.notEqual(next[0], homes[0]![0]);
  assert.notEqual(next[1], homes[0]![1]);
  for (const rank of [...prefills, ...decodes]) await rank.kill();
});

test("HandOff takes turns in each role by round robin", async () => {
  const prefills = await Promise.all([1, 2].map(startPrefillRank));
  const decodes = await Promise.all([1, 2, 3].map(() => startDecodeRank()));
  await using router = await startHandOffRouter({ prefill: prefills, decode: decodes });
  for (let count = 0; count < 6; count++) await router.post({ prompt: "a" });
  assert.deepEqual(
    [...prefills, ...decodes].map(({ seen }) => seen.length),
    [3, 3, 2, 2, 2],
  );
  for (const rank of [...prefills, ...decodes]) await rank.kill();
});

test("HandOff ends the prefill leg when its client leaves, and asks no decode rank", async () => {
  await using prefill = await startGenerationRank(() => undefined);
  await using decode = await startDecodeRank();
  await using router = await startHandOffRouter({ prefill: [prefill], decode: [decode] });
  const abort = new AbortController();
  const answer = router.post({ prompt: "a" }, "/v1/completions", { signal: abort.signal });
  await eventually("the prefill leg", () => prefill.seen.length === 1);
  assert.equal(router.status()[0]!.inFlight, 1);
  abort.abort();
  await assert.rejects(answer);
  await within("the rank hears of it", prefill.seen[0]!.closed);
  await router.settles();
  assert.equal(decode.seen.length, 0);
  assert.deepEqual(await router.handOffs(), { client_gone: 1 });
  assert.equal(await router.metric("penstock_router_client_aborts_total"), 1);
});

test("HandOff ends the decode leg when its client leaves", async () => {
  await using prefill = await startPrefillRank();
  await using decode = await startGenerationRank(() => undefined);
  await using router = await startHandOffRouter({ prefill: [prefill], decode: [decode] });
  const abort = new AbortController();
  const answer = router.post({ prompt: "a" }, "/v1/completions", { signal: abort.signal });
  await eventually("the decode leg", () => decode.seen.length === 1);
  abort.abort();
  await assert.rejects(answer);
  await within("the rank hears of it", decode.seen[0]!.closed);
  await router.settles();
  assert.equal(await router.metric("penstock_router_client_aborts_total"), 1);
});

test("HandOff forgets a client that leaves within its body", async () => {
  await using prefill = await startPrefillRank();
  await using decode = await startDecodeRank();
  await using router = await startHandOffRouter(
    { prefill: [prefill], decode: [decode] },
    { limits: { handOffBytesMax: 14, requestsInFlightMax: 1, queueDepthMax: 0 } },
  );
  using client = new RawClient(router.url);
  client.send('POST /v1/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 14\r\n\r\n{"prompt"');
  const isTaken = async () => (await router.post('{"prompt":"a"}')).status === 429;
  await eventually("the place is taken", isTaken);
  client.socket.destroy();
  await eventually("place and room are free again", async () => !(await isTaken()));
  assert.equal((await router.handOffs()).client_gone, 1);
  await router.settles();
});

test("HandOff spares the prefill rank while no decode rank lives, and waits for one", async () => {
  await using prefill = await startPrefillRank();
  const decode = await startDecodeRank();
  await using router = await startHandOffRouter({ prefill: [prefill], decode: [decode] });
  await decode.kill();
  await eventually("the rank is out of use", () => router.status()[1]!.state === "down");
  const answer = router.post({ prompt: "a" });
  await eventually("the request waits", async () => {
    return (await router.metric("penstock_router_requests_waiting")) === 1;
  });
  await using again = await startGenerationRank(
    ({ response }) => answerJson(response, '{"name":"again"}'),
    decode.port,
  );
  assert.deepEqual(await (await within("an answer", answer)).json(), { name: "again" });
  assert.equal(prefill.seen.length, 0);
  assert.equal(again.seen[0]!.json["kv_transfer_params"], undefined);
  assert.deepEqual(await router.handOffs(), { no_decode_rank: 1 });
  assert.equal(await router.metric("penstock_router_requests_waiting"), 0);
});

test("HandOff gives a second decode rank no parameters that the first may have used", async () => {
  await using prefill = await startPrefillRank();
  await using broken = await startGenerationRank(({ response }) => void response.destroy());
  await using decode = await startDecodeRank();
  await using router = await startHandOffRouter({ prefill: [prefill], decode: [broken, decode] });
  const response = await router.post({ prompt: "a" });
  assert.deepEqual(await response.json(), { name: "decoded" });
  assert.equal(response.headers.get("x-penstock-rank"), "2");
  assert.equal(response.headers.get("x-penstock-prefill-rank"), null);
  assert.ok(broken.seen[0]!.json["kv_transfer_params"] !== undefined);
  assert.deepEqual(decode.seen[0]!.json, { prompt: "a" });
  await router.settles();
  assert.equal(await router.metric('penstock_router_retries_total{reason="broke_off"}'), 1);
});

test("HandOff gives the parameters to another decode rank where the first cannot be reached", async () => {
  await using prefill = await startPrefillRank();
  const dead = await startDecodeRank();
  await using decode = await startDecodeRank();
  await using router = await startHandOffRouter(
    { prefill: [prefill], decode: [dead, decode] },
    { health: { upIntervalMs: 600_000 } },
  );
  await dead.kill();
  assert.equal((await router.post({ prompt: "a" })).status, 200);
  assert.ok(decode.seen[0]!.json["kv_transfer_params"] !== undefined);
});

test("HandOff is ready once a rank of each role has been up, and then while a decode rank is", async () => {
  const prefillPort = await unusedPort();
  await using decode = await startDecodeRank();
  const ranks = { prefill: [{ url: `http://127.0.0.1:${prefillPort}` }], decode: [decode] };
  await using router = await startHandOffRouter(ranks, { upCount: 1 });
  await eventually("the reason", () => router.status()[0]!.reason === "ECONNREFUSED");
  const early = await fetch(`${router.url}/health`);
  assert.equal(early.status, 503);
  assert.match(await early.text(), /prefill rank 0 is starting \(ECONNREFUSED\)/);
  const prefill = await startGenerationRank(
    ({ response }) => answerJson(response, "{}"),
    prefillPort,
  );
  await eventually("the prefill rank is up", () => router.status()[0]!.state === "up");
  assert.equal((await fetch(`${router.url}/health`)).status, 200);
  await prefill.kill();
  await eventually("the prefill rank is down", () => router.status()[0]!.state === "down");
  assert.equal((await fetch(`${router.url}/health`)).status, 200);
  assert.equal((await router.post({ prompt: "a" })).status, 200);
  assert.deepEqual(await router.handOffs(), { no_prefill_rank: 1 });
  assert.equal(await router.metric('penstock_router_rank_up{rank="0",role="prefill"}'), 0);
  assert.equal(await router.metric('penstock_router_rank_up{rank="1",role="decode"}'), 1);
  assert.ok(router.log.some(({ message }) => message.startsWith("No prefill rank is up")));
});
