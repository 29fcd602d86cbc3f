import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { test } from "node:test";
import { RawClient } from "../test-support/raw-client.ts";
import { startRank } from "../test-support/test-rank.ts";
import { skipOffLinux } from "../test-support/tcp-timers.ts";
import { startTestRouter } from "../test-support/test-router.ts";
import { eventually, within } from "../test-support/within.ts";

const threads = 3;

/** Over a connection of its own, so that the kernel may give it to any thread. */
async function ask(url: string, session: string): Promise<{ status: number; rank: string }> {
  return within(
    "an answer",
    new Promise((resolve, reject) => {
      const headers = { "x-session-id": session, "content-type": "application/json" };
      const asked = request(`${url}/v1/completions`, { method: "POST", agent: false, headers });
      asked.on("error", reject);
      asked.on("response", (response) => {
        response.resume();
        const rank = String(response.headers["x-penstock-rank"]);
        response.on("end", () => resolve({ status: response.statusCode!, rank }));
      });
      asked.end("{}");
    }),
  );
}

async function startRanks(count: number) {
  return Promise.all(
    Array.from({ length: count }, () => startRank((_request, response) => response.end("ok"))),
  );
}

test("threads of a router agree on where a session is", async () => {
  const ranks = await startRanks(3);
  await using router = await startTestRouter(ranks, { threads, policy: "sticky_least_loaded" });
  const places = new Map<string, Set<string>>();
  for (let round = 0; round < 8; round++) {
    const asked = Array.from({ length: 12 }, async (_, number) => {
      const { status, rank } = await ask(router.url, `session ${number}`);
      assert.equal(status, 200);
      places.set(`${number}`, (places.get(`${number}`) ?? new Set()).add(rank));
    });
    await Promise.all(asked);
  }
  assert.ok([...places.values()].every(({ size }) => size === 1));
  const perRank = Object.groupBy(places.values(), (ranksOf) => [...ranksOf][0]!);
  assert.deepEqual(
    Object.values(perRank).map((sessions) => sessions!.length),
    [4, 4, 4],
  );
  assert.equal(await router.metric("penstock_router_sessions"), 12);
  for (const rank of ranks) await rank.kill();
});

test("threads of a router count leases together and each request once", async () => {
  const waiting: (() => void)[] = [];
  await using rank = await startRank((_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n");
    waiting.push(() => response.end("data: 2\n\n"));
  });
  await using router = await startTestRouter([rank], { threads });
  const clients = Array.from({ length: 24 }, () =>
    new RawClient(router.url).send("GET /stream HTTP/1.1\r\nhost: x\r\n\r\n"),
  );
  await eventually("all are at the rank", () => waiting.length === clients.length);
  assert.equal(router.status()[0]!.inFlight, clients.length);
  for (const client of clients.splice(0, 4)) client.socket.destroy();
  await eventually("four have left", () => router.status()[0]!.inFlight === clients.length);
  for (const end of waiting) end();
  for (const client of clients) await client.receives("data: 2");
  await router.settles();
  for (const client of clients) client.socket.destroy();
  assert.equal(await router.metric('penstock_router_requests_total{status="2xx"}'), 20);
});

test("threads of a router hear of a rank that dies, and retry elsewhere", async () => {
  const ranks = await startRanks(2);
  await using router = await startTestRouter(ranks, { threads, policy: "consistent_hash" });
  const homes = new Map<string, string>();
  for (let number = 0; number < 30; number++) {
    homes.set(`${number}`, (await ask(router.url, `${number}`)).rank);
  }
  assert.deepEqual(new Set(homes.values()), new Set(["0", "1"]));
  await ranks[0]!.kill();
  for (let round = 0; round < 3; round++) {
    for (const number of homes.keys()) {
      assert.deepEqual(await ask(router.url, number), { status: 200, rank: "1" });
    }
  }
  assert.equal(router.status()[0]!.state, "down");
  await ranks[1]!.kill();
});

test("threads of a router drain together", async () => {
  const endings: (() => void)[] = [];
  await using rank = await startRank((_request, response) => {
    response.write("begun");
    endings.push(() => response.end(" and ended"));
  });
  await using router = await startTestRouter([rank], { threads });
  const clients = Array.from({ length: 12 }, () =>
    new RawClient(router.url).send("GET /slow HTTP/1.1\r\nhost: x\r\n\r\n"),
  );
  await eventually("all are under way", () => endings.length === clients.length);
  const closed = router.close();
  using late = new RawClient(router.url).send("GET /late HTTP/1.1\r\nhost: x\r\n\r\n");
  assert.match(await late.ended(), /^HTTP\/1\.1 503 [^]*shutting down/);
  for (const end of endings) end();
  for (const client of clients) assert.match(await client.ended(), / and ended/);
  await within("all threads end", closed);
});

test("threads of a router listen until the last of them is drained", skipOffLinux, async () => {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  await using rank = await startRank((_request, response) => {
    response.write("begun");
    void ended.then(() => response.end(" and ended"));
  });
  await using router = await startTestRouter([rank], { threads });
  using running = new RawClient(router.url).send("GET /slow HTTP/1.1\r\nhost: x\r\n\r\n");
  await running.receives("begun");
  const closed = router.close();
  for (let count = 0; count < 20; count++) {
    using late = new RawClient(router.url).send("GET /health HTTP/1.1\r\nhost: x\r\n\r\n");
    assert.match(await late.ended(), /^HTTP\/1\.1 503 [^]*shutting down/);
  }
  assert.equal(listenerCount(Number(new URL(router.url).port)), threads);
  end();
  assert.match(await running.ended(), / and ended/);
  await within("all threads end", closed);
});

/** Listening sockets at this port of 127.0.0.1: lines of proc_net_tcp(5) in state 0A. */
function listenerCount(port: number): number {
  const address = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")} 00000000:0000 0A`;
  return readFileSync("/proc/net/tcp", "utf8").split(address).length - 1;
}

test("startRouter() says why a thread cannot start", async () => {
  await using rank = await startRank((_request, response) => response.end());
  await assert.rejects(
    startTestRouter([rank], { threads: 2, tls: { certFile: "/nowhere/cert.pem" } }),
    { code: "ROUTER_CERTIFICATE_UNUSABLE" },
  );
});
