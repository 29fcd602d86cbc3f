import assert from "node:assert/strict";
import { type AddressInfo, connect, createServer } from "node:net";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import { createLogger } from "../../telemetry/mod.ts";
import { startRouter } from "../start-router.ts";
import { RawClient } from "../test-support/raw-client.ts";
import { startRank } from "../test-support/test-rank.ts";
import { keepsAlive, skipOffLinux } from "../test-support/tcp-timers.ts";
import { startTestRouter } from "../test-support/test-router.ts";
import { eventually, within } from "../test-support/within.ts";

const health = "GET /health HTTP/1.1\r\nhost: x\r\n\r\n";

test("Front.listen() says which address it cannot have", async () => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", resolve));
  const { port } = holder.address() as AddressInfo;
  const logger = createLogger({ name: "router", format: "json", write: () => undefined });
  const ranks = [{ index: 0, url: "http://127.0.0.1:1" }];
  await assert.rejects(
    startRouter({ host: "127.0.0.1", port, ranks, policy: "round_robin", logger }),
    { code: "ROUTER_CANNOT_LISTEN", facts: { host: "127.0.0.1", port, reason: "EADDRINUSE" } },
  );
  holder.close();
});

test("Front answers one connection more than connectionsMax with 503", async () => {
  await using rank = await startRank(() => undefined);
  await using router = await startTestRouter([rank], { limits: { connectionsMax: 1 } });
  using first = new RawClient(router.url).send(health);
  await first.receives("200 OK");
  using second = new RawClient(router.url);
  assert.match(await second.ended(), /^HTTP\/1\.1 503 [^]*retry-after: 1[^]*all 1 are in use/);
  first.socket.destroy();
});

test("Front.drain() lets running answers end, says so to newcomers, and closes the rest", async () => {
  const answers: ServerResponse[] = [];
  await using rank = await startRank((_request, response) => {
    answers.push(response);
    response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n");
  });
  await using router = await startTestRouter([rank]);
  using idle = new RawClient(router.url).send(health);
  await idle.receives("200 OK");
  using running = new RawClient(router.url).send("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  await running.receives("data: 1");
  const closed = router.close();
  assert.equal(router.close(), closed);
  await idle.ended();
  using newcomer = new RawClient(router.url).send(health);
  assert.match(await newcomer.ended(), /^HTTP\/1\.1 503 [^]*connection: close[^]*shutting down/);
  using late = new RawClient(router.url).send("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  assert.match(await late.ended(), /^HTTP\/1\.1 503 [^]*retry-after: 1[^]*shutting down/);
  answers[0]!.end("data: 2\n\n");
  assert.match(await running.ended(), /data: 2\n\n\r\n0\r\n\r\n$/);
  await within("the router closes", closed);
  assert.deepEqual(
    router.status().map(({ inFlight }) => inFlight),
    [0],
  );
  using refused = new RawClient(router.url);
  await refused.ended();
  assert.equal(refused.ending, "reset");
});

test("Front.drain() waits for no client that only keeps its connection open", async () => {
  await using rank = await startRank((_request, response) => void response.end("done"));
  // Longer than the wait below, which fails first where the router waits for its client.
  const limits = { drainMsMax: 20_000, lingerMsMax: 20_000 };
  await using router = await startTestRouter([rank], { limits });
  const { hostname: host, port } = new URL(router.url);
  const socket = connect({ host, port: Number(port), allowHalfOpen: true });
  socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  let received = "";
  socket.on("data", (chunk) => (received += chunk.toString()));
  await eventually("the answer", () => received.endsWith("done"));
  await within("the router closes", router.close());
  socket.destroy();
});

test("Front.drain() cuts what still runs at drainMsMax", async () => {
  const left = Promise.withResolvers<void>();
  await using rank = await startRank((_request, response) => {
    response.on("close", () => left.resolve());
    response.write("begun");
  });
  await using router = await startTestRouter([rank], { limits: { drainMsMax: 50 } });
  using client = new RawClient(router.url).send("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  await client.receives("begun");
  await within("the router closes", router.close());
  await client.ended();
  assert.equal(client.ending, "reset");
  await within("the rank hears of it", left.promise);
  await router.settles();
});

test(
  "Front has the kernel ask whether a silent client's machine is there",
  skipOffLinux,
  async () => {
    await using rank = await startRank(() => undefined);
    await using router = await startTestRouter([rank]);
    using client = new RawClient(router.url).send(health);
    await client.receives(/^HTTP\/1\.1 200 /);
    await eventually("the timer", () => keepsAlive(router.address.port, "accepting"));
  },
);
