/** What the metrics and the access log say of requests that go through a router. */
import assert from "node:assert/strict";
import { mkdtempDisposableSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { PenstockError } from "../../errors/mod.ts";
import { RawClient } from "../test-support/raw-client.ts";
import { startRank } from "../test-support/test-rank.ts";
import { startTestRouter, type TestRouterOptions } from "../test-support/test-router.ts";
import { eventually } from "../test-support/within.ts";

type Line = Readonly<Record<string, unknown>>;

const usage = { prompt_tokens: 3, completion_tokens: 5, total_tokens: 8 };

/** A rank that streams where it is asked to, waits where it is asked to, and else answers at once. */
function startAnsweringRank() {
  return startRank((request, response) => {
    if (request.url === "/wait") return;
    if (request.url === "/v1/chat/completions") {
      response.writeHead(200, { "content-type": "text/event-stream" });
      for (const event of [{ choices: [{}] }, { choices: [], usage }]) {
        response.write(`data: ${JSON.stringify(event)}\n\n`);
      }
      response.end("data: [DONE]\n\n");
      return;
    }
    request.resume().once("end", () => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ choices: [], usage }));
    });
  });
}

/** A router with an access log, which is read once the router has closed. */
async function logOf(
  act: (router: Awaited<ReturnType<typeof startTestRouter>>) => Promise<void>,
  options: TestRouterOptions = {},
): Promise<readonly Line[]> {
  using directory = mkdtempDisposableSync(join(tmpdir(), "penstock-"));
  const accessLog = join(directory.path, "access.log");
  await using rank = await startAnsweringRank();
  await using router = await startTestRouter([rank], {
    accessLog,
    policy: "consistent_hash",
    ...options,
  });
  await act(router);
  await router.close();
  const lines = readFileSync(accessLog, "utf8").trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as Line);
}

test("Observer tells metrics and log of an answer and of a stream", async () => {
  const lines = await logOf(async (router) => {
    const headers = { "x-request-id": "mine", "x-session-id": "s", authorization: "Bearer x" };
    const post = { method: "POST", headers, body: "0123456789" };
    await (await fetch(`${router.url}/v1/completions?key=secret`, post)).text();
    await (await fetch(`${router.url}/v1/chat/completions`, post)).text();
    await fetch(`${router.url}/health`);
    for (const [name, value] of Object.entries({
      'penstock_router_requests_total{route="/v1/completions",status="2xx"}': 1,
      'penstock_router_requests_total{route="/v1/chat/completions",status="2xx"}': 1,
      penstock_router_first_byte_seconds_count: 2,
      penstock_router_received_bytes_total: 20,
      penstock_router_answers_with_usage_total: 2,
      penstock_router_prompt_tokens_total: 6,
      penstock_router_completion_tokens_total: 10,
      'penstock_router_rank_requests_total{rank="0"}': 2,
      penstock_router_requests_in_flight: 0,
      penstock_router_leases: 0,
      penstock_router_access_log_drops_total: 0,
    })) {
      assert.equal(await router.metric(name), value, name);
    }
    assert.ok((await router.metric("penstock_router_connections")) >= 1);
    assert.ok((await router.metric("process_resident_memory_bytes")) > 1e6);
    await eventually("a timer has been late or not", async () => {
      return (await router.metric("penstock_router_event_loop_lag_seconds_count")) > 0;
    });
  });
  assert.equal(lines.length, 2);
  for (const [index, path] of ["/v1/completions", "/v1/chat/completions"].entries()) {
    const line = lines[index]!;
    const { time, ttft_ms, total_ms, bytes_out, session, ...rest } = line;
    assert.match(session as string, /^[0-9a-f]{16}$/);
    assert.equal(session, lines[0]!["session"]);
    assert.ok(Math.abs(Date.parse(time as string) - Date.now()) < 60_000, String(time));
    assert.ok((ttft_ms as number) >= 0 && (total_ms as number) >= (ttft_ms as number));
    assert.ok((bytes_out as number) > 60);
    assert.deepEqual(rest, {
      request_id: "mine",
      client: "127.0.0.1",
      method: "POST",
      path,
      status: 200,
      outcome: "done",
      reason: null,
      rank: 0,
      prefill_rank: null,
      tries: 1,
      bytes_in: 10,
      queue_ms: null,
      prompt_tokens: 3,
      completion_tokens: 5,
      cached_tokens: null,
    });
  }
});

test("Observer tells why requests were refused, and where they stood when their client left", async () => {
  const limits = { requestsInFlightMax: 1, queueDepthMax: 1, bodyBytesMax: 5, headBytesMax: 1_000 };
  const lines = await logOf(
    async (router) => {
      using working = new RawClient(router.url).send("GET /wait HTTP/1.1\r\nhost: x\r\n\r\n");
      await eventually("it is at the rank", () => router.status()[0]!.inFlight === 1);
      using waiting = new RawClient(router.url).send("GET /queued HTTP/1.1\r\nhost: x\r\n\r\n");
      const queued = () => router.metric("penstock_router_requests_queued");
      await eventually("it waits", async () => (await queued()) === 1);
      assert.equal((await fetch(`${router.url}/full`)).status, 429);
      waiting.socket.destroy();
      await eventually("it waits no more", async () => (await queued()) === 0);
      working.socket.destroy();
      await router.settles();
      const tooLong = "POST /long HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n";
      using long = new RawClient(router.url).send(`${tooLong}3\r\nabc\r\n3\r\ndef\r\n`);
      await long.ended();
      using bad = new RawClient(router.url).send("GET / HTTP/1.1\nhost: x\n\n");
      await bad.ended();
      for (const reason of ["queue_full", "body_too_large", "bad_request"]) {
        const name = `penstock_router_refusals_total{reason="${reason}"}`;
        assert.equal(await router.metric(name), 1, reason);
      }
      const aborts = "penstock_router_client_aborts_total";
      assert.equal(await router.metric(`${aborts}{phase="queue"}`), 1);
      assert.equal(await router.metric(aborts), 3);
    },
    { limits },
  );
  const told = lines.map(({ path, status, outcome, reason }) => [path, status, outcome, reason]);
  assert.deepEqual(told, [
    ["/full", 429, "refused", "queue_full"],
    ["/queued", null, "client_gone", null],
    ["/wait", null, "client_gone", null],
    ["/long", 413, "client_gone", "body_too_large"],
    [null, 400, "refused", "bad_request"],
  ]);
  assert.ok((lines[1]!["queue_ms"] as number) >= 0);
});

test("Observer tells of ranks that fail, and of requests that find none", async () => {
  const lines = await logOf(async (router) => {
    await using broken = await startRank((request) => void request.socket.destroy());
    await using other = await startTestRouter([broken], { limits: { brokenTriesMax: 1 } });
    assert.equal((await fetch(`${other.url}/v1/completions`, { method: "POST" })).status, 502);
    assert.equal(await other.metric("penstock_router_rank_errors_total"), 1);
    assert.equal(await other.metric('penstock_router_requests_total{status="5xx"}'), 1);
    assert.equal(await other.metric("penstock_router_broken_responses_total"), 0);
    assert.equal(await other.metric("penstock_router_access_log_drops_total"), 0);
    await (await fetch(`${router.url}/x`)).text();
  });
  assert.equal(lines.length, 1);
});

test("Observer's log must be a file that can be written", async () => {
  await using rank = await startAnsweringRank();
  await assert.rejects(startTestRouter([rank], { accessLog: "/nowhere/access.log" }), (error) => {
    return error instanceof PenstockError && error.code === "ROUTER_ACCESS_LOG_UNUSABLE";
  });
});

test("Observer tells of the requests of all threads together", async () => {
  const requestCount = 40;
  const lines = await logOf(
    async (router) => {
      for (let number = 0; number < requestCount; number++) {
        const headers = { "x-request-id": `${number}`, connection: "close" };
        await (await fetch(`${router.url}/v1/completions`, { headers })).text();
      }
      for (const name of ["requests_total", "prompt_tokens_total", "rank_requests_total"]) {
        const perRequest = name === "prompt_tokens_total" ? usage.prompt_tokens : 1;
        const metric = `penstock_router_${name}`;
        assert.equal(await router.metric(metric), requestCount * perRequest, name);
      }
      assert.equal(await router.metric("penstock_router_rank_up"), 1);
    },
    { threads: 2 },
  );
  const ids = lines.map((line) => Number(line["request_id"]));
  assert.deepEqual(
    ids.toSorted((one, other) => one - other),
    Array.from({ length: requestCount }, (_, number) => number),
  );
});
