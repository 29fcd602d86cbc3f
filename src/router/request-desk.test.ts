import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import { RawClient } from "./test-support/raw-client.ts";
import { startRank, unusedPort } from "./test-support/test-rank.ts";
import { startTestRouter } from "./test-support/test-router.ts";
import { eventually } from "./test-support/within.ts";

test("RequestDesk says 200 on /health while a rank is up and 503 with the reasons while none is", async () => {
  const rank = await startRank(() => undefined);
  const other = `http://127.0.0.1:${await unusedPort()}`;
  await using router = await startTestRouter([rank, { url: other }], { upCount: 1 });
  const good = await fetch(`${router.url}/health?verbose=1`);
  assert.equal(good.status, 200);
  assert.equal(await good.text(), "");
  await rank.kill();
  await eventually("the rank is out of use", () => router.status()[0]?.state === "down");
  const bad = await fetch(`${router.url}/health`);
  assert.equal(bad.status, 503);
  assert.equal(bad.headers.get("retry-after"), "1");
  const { reason } = (await bad.json()) as { reason: string };
  assert.match(reason, /^rank 0 is down \(ECONNREFUSED\), rank 1 is starting \(ECONNREFUSED\)$/);
});

test("RequestDesk answers requests in vLLM's error shape while no rank is ready", async () => {
  const url = `http://127.0.0.1:${await unusedPort()}`;
  await using router = await startTestRouter([{ url }], { upCount: 0 });
  await eventually("the reason", () => router.status()[0]?.reason === "ECONNREFUSED");
  for (const path of ["/v1/models", "/v1/chat/completions"]) {
    const response = await fetch(router.url + path);
    assert.equal(response.status, 503);
    assert.equal(response.headers.get("retry-after"), "1");
    assert.deepEqual(await response.json(), {
      error: {
        message: "Cannot serve the request: no rank is ready: rank 0 is starting (ECONNREFUSED)",
        type: "ServiceUnavailableError",
        param: null,
        code: 503,
      },
    });
  }
});

test("RequestDesk relays every path that is not its own, with any method", async () => {
  await using rank = await startRank((request, response) => {
    response.end(`${request.method} ${request.url}`);
  });
  await using router = await startTestRouter([rank]);
  for (const [method, path] of [
    ["GET", "/v1/models"],
    ["POST", "/health?x"],
    ["DELETE", "/metrics"],
    ["OPTIONS", "/anything/../at?all=%2e"],
    ["GET", "/healthy"],
  ] as const) {
    using client = new RawClient(router.url);
    client.send(`${method} ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    if (path.startsWith("/health?")) assert.match(await client.ended(), /^HTTP\/1\.1 200 /);
    else assert.ok((await client.ended()).includes(`${method} ${path}`), path);
  }
});

test("RequestDesk refuses one request more than may wait, and none after one has ended", async () => {
  const answers: ServerResponse[] = [];
  await using rank = await startRank((_request, response) => void answers.push(response));
  const limits = { requestsInFlightMax: 1, queueDepthMax: 1 };
  await using router = await startTestRouter([rank], { limits });
  const first = fetch(router.url);
  await eventually("the first request is there", () => answers.length === 1);
  using second = new RawClient(router.url).send("GET /b HTTP/1.1\r\nhost: x\r\n\r\n");
  await eventually(
    "it waits",
    async () => (await router.metric("penstock_router_requests_queued")) === 1,
  );
  const third = await fetch(router.url);
  assert.equal(third.status, 429);
  assert.match(third.headers.get("retry-after") ?? "", /^[1-9]\d*$/);
  assert.match(await third.text(), /all 1 places are taken, and 1 requests wait for one/);
  answers[0]!.end();
  assert.equal((await first).status, 200);
  await eventually("the second request is there", () => answers.length === 2);
  answers[1]!.end("second");
  await second.receives("second");
  await router.settles();
});

test("RequestDesk keeps the client's request id in answers of its own", async () => {
  const url = `http://127.0.0.1:${await unusedPort()}`;
  const limits = { bodyBytesMax: 3 };
  await using router = await startTestRouter([{ url }], { upCount: 0, limits });
  const chunked = "transfer-encoding: chunked\r\n\r\n4\r\nlong\r\n0\r\n\r\n";
  const cases = {
    404: "GET /list_workers HTTP/1.1\r\nx-request-id: mine\r\nhost: x\r\n\r\n",
    503: "POST /v1/models HTTP/1.1\r\nx-request-id: mine\r\nhost: x\r\n\r\n",
    413: `POST /v1/models HTTP/1.1\r\nx-request-id: mine\r\nhost: x\r\n${chunked}`,
    "413 Payload":
      "POST /v1/models HTTP/1.1\r\nx-request-id: mine\r\nhost: x\r\ncontent-length: 4\r\n\r\n",
  };
  for (const [status, text] of Object.entries(cases)) {
    using client = new RawClient(router.url).send(text);
    const head = await client.receives(new RegExp(`HTTP/1.1 ${status} [^]*\r\n\r\n`));
    assert.equal(head.match(/x-request-id: mine\r\n/g)?.length, 1, status);
  }
  using client = new RawClient(router.url).send(cases[404]);
  client.send("GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
  const [, health] = (await client.ended()).split("HTTP/1.1 503");
  assert.ok(health !== undefined && !health.includes("x-request-id"));
});

test("RequestDesk exposes what it counted on /metrics", async () => {
  await using rank = await startRank((request, response) => {
    request.resume().on("end", () => response.writeHead(404).end("12345"));
  });
  await using router = await startTestRouter([rank]);
  await (await fetch(`${router.url}/v1/x`, { method: "POST", body: "123" })).text();
  await router.settles();
  using bad = new RawClient(router.url).send("bad\r\n\r\n");
  await bad.ended();
  const expected = {
    'penstock_router_requests_total{status="4xx"}': 2,
    'penstock_router_requests_total{status="2xx"}': 0,
    penstock_router_request_duration_seconds_count: 1,
    penstock_router_first_byte_seconds_count: 1,
    penstock_router_received_bytes_total: 3,
    'penstock_router_rank_up{rank="0",role="both"}': 1,
    'penstock_router_requests_in_flight{rank="0",role="both"}': 0,
  };
  for (const [name, value] of Object.entries(expected)) {
    assert.equal(await router.metric(name), value, name);
  }
  assert.ok((await router.metric("penstock_router_sent_bytes_total")) >= 5);
});
