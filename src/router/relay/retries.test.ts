/** Ranks that fail a request before its answer has begun: what is tried again, where, and what is not. */
import assert from "node:assert/strict";
import type { RequestListener } from "node:http";
import { test } from "node:test";
import { RawClient } from "../test-support/raw-client.ts";
import { startStuckRank } from "../test-support/stuck-rank.ts";
import { startRank, startRawRank, startStaleRank } from "../test-support/test-rank.ts";
import { startTestRouter } from "../test-support/test-router.ts";
import { eventually, within } from "../test-support/within.ts";

const get = "GET /v1/x HTTP/1.1\r\nhost: x\r\n\r\n";
const eventStream = { "content-type": "text/event-stream" };

/** Says how long the body was. */
const echo: RequestListener = (request, response) => {
  let byteCount = 0;
  request.on("data", (chunk: Buffer) => (byteCount += chunk.length));
  request.on("end", () => response.end(JSON.stringify({ byteCount })));
};

test("Exchange repeats nothing once a byte of the answer has come", async () => {
  await using rank = await startStaleRank("reset", "HTTP/1.1 2");
  await using router = await startTestRouter([rank], { health: { upIntervalMs: 600_000 } });
  const before = rank.connectionCount;
  assert.equal((await fetch(router.url)).status, 200);
  const response = await fetch(router.url);
  assert.equal(response.status, 502);
  const { error } = (await response.json()) as { error: { type: string; code: number } };
  assert.equal(error.type, "BadGateway");
  // The failure has the rank probed at once: one connection more. Both requests came on the first one.
  await eventually("the probe", () => rank.connectionCount > before + 1);
  assert.equal(rank.connectionCount, before + 2);
  await router.settles();
});

test("Exchange repeats no request on a fresh connection that could have had an effect", async () => {
  let requestCount = 0;
  await using rank = await startRawRank((_received, { end }) => {
    requestCount++;
    end();
  });
  await using router = await startTestRouter([rank]);
  assert.equal((await fetch(`${router.url}/v1/unknown`, { method: "POST" })).status, 502);
  assert.equal(requestCount, 1);
  await router.settles();
});

for (const act of ["end", "reset"] as const) {
  test(`Exchange asks another rank when one breaks off before its answer (${act})`, async () => {
    await using broken = await startRawRank((_received, connection) => connection[act]());
    await using alive = await startRank(echo);
    await using router = await startTestRouter([broken, alive]);
    const response = await fetch(`${router.url}/v1/completions`, { method: "POST", body: "abc" });
    assert.equal(response.headers.get("x-penstock-rank"), "1");
    assert.equal(((await response.json()) as { byteCount: number }).byteCount, 3);
    await router.settles();
    assert.equal(await router.metric('penstock_router_retries_total{reason="broke_off"}'), 1);
  });
}

test("Exchange asks another rank when one dies between the head of its stream and the first event", async () => {
  const head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n";
  await using broken = await startRawRank((_received, { write, end }) => {
    write(`${head}transfer-encoding: chunked\r\n\r\n`);
    setImmediate(end);
  });
  await using alive = await startRank((_request, response) => {
    response.writeHead(200, eventStream).end("data: 1\n\n");
  });
  await using router = await startTestRouter([broken, alive]);
  const response = await fetch(`${router.url}/v1/x`);
  assert.equal(response.headers.get("x-penstock-rank"), "1");
  assert.equal(await response.text(), "data: 1\n\n");
  await router.settles();
});

test("Exchange gives a request that breaks ranks to no more than its limit", async () => {
  let requestCount = 0;
  const ranks = await Promise.all(
    [1, 2, 3, 4].map(() =>
      startRawRank((_received, { reset }) => {
        requestCount++;
        reset();
      }),
    ),
  );
  await using router = await startTestRouter(ranks, { limits: { brokenTriesMax: 2 } });
  const response = await fetch(`${router.url}/v1/completions`, { method: "POST", body: "{}" });
  assert.equal(response.status, 502);
  assert.equal(requestCount, 2);
  await router.settles();
  for (const rank of ranks) await rank.kill();
});

test("Exchange gives no other rank a request whose rank only keeps silent", async () => {
  await using silent = await startRank(() => undefined);
  await using alive = await startRank(echo);
  const limits = { rankSilenceMsMax: 50 };
  await using router = await startTestRouter([silent, alive], { limits });
  assert.equal((await within("an answer", fetch(router.url))).status, 502);
  await router.settles();
});

test("Exchange waits for its only rank to restart and sends the request again", async () => {
  const began = Promise.withResolvers<void>();
  const rank = await startRank(() => began.resolve());
  await using router = await startTestRouter([rank]);
  const answer = fetch(`${router.url}/v1/completions`, { method: "POST", body: "abc" });
  await within("the request", began.promise);
  await rank.kill();
  await eventually("the request waits", async () => {
    return (await router.metric("penstock_router_requests_waiting")) === 1;
  });
  assert.deepEqual(
    router.status().map(({ inFlight }) => inFlight),
    [0],
  );
  await using again = await startRank(echo, rank.port);
  const response = await within("an answer", answer);
  assert.equal(((await response.json()) as { byteCount: number }).byteCount, 3);
  assert.equal(again.port, rank.port);
  await router.settles();
  assert.equal(await router.metric("penstock_router_requests_waiting"), 0);
});

test("Exchange waits for a rank no longer than its limit, and only so many do", async () => {
  const rank = await startRank(echo);
  await using router = await startTestRouter([rank], {
    limits: { rankWaitMsMax: 300, waitingRequestsMax: 1 },
  });
  await rank.kill();
  await eventually("the rank is out of use", () => router.status()[0]?.state === "down");
  const answers = await within("answers", Promise.all([1, 2].map(() => fetch(router.url))));
  for (const response of answers) {
    assert.equal(response.status, 503);
    assert.equal(response.headers.get("retry-after"), "1");
    assert.match(await response.text(), /no rank is ready: rank 0 is down \(ECONNREFUSED\)/);
  }
  assert.equal(await router.metric("penstock_router_requests_waiting"), 0);
});

test("Exchange forgets a client that leaves while it waits for a rank", async () => {
  const rank = await startRank(echo);
  const limits = { requestsInFlightMax: 1, queueDepthMax: 0 };
  await using router = await startTestRouter([rank], { limits });
  await rank.kill();
  await eventually("the rank is out of use", () => router.status()[0]?.state === "down");
  using client = new RawClient(router.url).send(get);
  const waitingCount = () => router.metric("penstock_router_requests_waiting");
  await eventually("the request waits", async () => (await waitingCount()) === 1);
  assert.match(await (await fetch(router.url)).text(), /all 1 places are taken/);
  client.socket.destroy();
  await eventually("nobody waits", async () => (await waitingCount()) === 0);
  assert.equal(await router.metric("penstock_router_client_aborts_total"), 1);
});

for (const limits of [{ heldBodyBytesMax: 1_000 }, { heldBytesMax: 1_000 }]) {
  for (const type of ["text/plain", "application/json"]) {
    test(`Exchange repeats no body past ${JSON.stringify(limits)} (${type})`, async () => {
      let requestCount = 0;
      await using rank = await startRank((request) => {
        requestCount++;
        request.resume().on("end", () => request.socket.destroy());
      });
      await using router = await startTestRouter([rank], { limits });
      const asked = {
        method: "POST",
        body: "z".repeat(200_000),
        headers: { "content-type": type },
      };
      const response = await fetch(`${router.url}/v1/completions`, asked);
      assert.equal(response.status, 502);
      assert.equal(requestCount, 1);
      await router.settles();
    });
  }
}

test("Exchange looks after a rank that dies before it answers, and says so when none comes back", async () => {
  const began = Promise.withResolvers<void>();
  const rank = await startRank(() => began.resolve());
  await using router = await startTestRouter([rank], {
    health: { upIntervalMs: 600_000 },
    limits: { rankWaitMsMax: 200 },
  });
  const answer = fetch(router.url);
  await within("the request", began.promise);
  await rank.kill();
  assert.equal((await within("an answer", answer)).status, 503);
  assert.equal(router.status()[0]?.state, "down");
  await router.settles();
});

test("Exchange goes elsewhere from a rank that is lost, or ends its stream with an error event", async () => {
  await using stuck = await startStuckRank();
  await using alive = await startRank(echo);
  const health = { timeoutMs: 50, unreachedMsMax: 200 };
  await using router = await startTestRouter([stuck, alive], { health });
  const post = (answer: string, path = "/v1/completions") =>
    fetch(router.url + path, { method: "POST", body: "abc", headers: { "x-answer": answer } });
  const waiting: Promise<Response>[] = [];
  for (const [answer, path] of [["none"], ["none", "/v1/unknown"], ["begun"]] as const) {
    const count = router.status()[0]!.inFlight;
    waiting.push(post(answer, path));
    await eventually("it is at the rank", () => router.status()[0]!.inFlight === count + 1);
    assert.equal((await post("")).headers.get("x-penstock-rank"), "1"); // Its turn.
  }
  const [computed, acted, streamed] = waiting;
  assert.equal((await streamed!).status, 200);
  await stuck.stopAccepting();
  assert.equal((await within("another rank", computed!)).headers.get("x-penstock-rank"), "1");
  const refused = await within("a refusal", acted!);
  assert.equal(refused.status, 502);
  assert.match(await refused.text(), /rank 0 failed, its machine does not answer/);
  const events = await within("the end", (await streamed!).text());
  assert.match(events, /^data: 1\n\ndata: \{"error":.*its machine does not answer.*\n\n/);
  await router.settles();
});
