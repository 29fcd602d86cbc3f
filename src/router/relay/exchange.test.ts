/** Requests through a real router to real little ranks. After each fault all leases are back. */
import assert from "node:assert/strict";
import { once } from "node:events";
import {
  type IncomingMessage,
  request,
  type RequestListener,
  type ServerResponse,
} from "node:http";
import { test } from "node:test";
import { RawClient } from "../test-support/raw-client.ts";
import { startRank, unusedPort } from "../test-support/test-rank.ts";
import { startTestRouter } from "../test-support/test-router.ts";
import { eventually, within } from "../test-support/within.ts";

const get = "GET /v1/x HTTP/1.1\r\nhost: x\r\n\r\n";
const eventStream = { "content-type": "text/event-stream" };

/** Echoes body length and headers as JSON. */
const echo: RequestListener = (request, response) => {
  let byteCount = 0;
  request.on("data", (chunk: Buffer) => (byteCount += chunk.length));
  request.on("end", () => response.end(JSON.stringify({ byteCount, headers: request.headers })));
};

test("Exchange passes on each event before the rank sends the next", async () => {
  let answer: ServerResponse | undefined;
  await using rank = await startRank((_request, response) => {
    answer = response;
    response.writeHead(200, eventStream).flushHeaders();
  });
  await using router = await startTestRouter([rank]);
  const head = fetch(`${router.url}/v1/x`);
  await eventually("the request", () => answer !== undefined);
  answer!.write("data: 0\n\n");
  const reader = (await within("the head", head)).body!.getReader();
  for (let number = 0; number < 5; number++) {
    if (number > 0) answer!.write(`data: ${number}\n\n`);
    const { value } = await within(`event ${number}`, reader.read());
    assert.equal(Buffer.from(value).toString(), `data: ${number}\n\n`);
  }
  assert.deepEqual(
    router.status().map(({ inFlight }) => inFlight),
    [1],
  );
  answer!.end();
  assert.equal((await within("the end", reader.read())).done, true);
  await router.settles();
});

test("Exchange tells the rank at once when its client leaves", async () => {
  const left = Promise.withResolvers<void>();
  await using rank = await startRank((_request, response) => {
    response.on("close", () => left.resolve());
    response.writeHead(200, eventStream).write("data: 1\n\n");
  });
  await using router = await startTestRouter([rank]);
  const abort = new AbortController();
  const response = await within("the head", fetch(`${router.url}/v1/x`, { signal: abort.signal }));
  await within("an event", response.body!.getReader().read());
  abort.abort();
  await within("the rank's connection closes", left.promise);
  await router.settles();
  assert.equal(await router.metric("penstock_router_client_aborts_total"), 1);
});

test("Exchange feels a client that leaves before the rank has answered", async () => {
  const began = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  await using rank = await startRank((_request, response) => {
    response.on("close", () => left.resolve());
    began.resolve();
  });
  await using router = await startTestRouter([rank]);
  using client = new RawClient(router.url).send(get);
  await within("the request", began.promise);
  client.socket.destroy();
  await within("the rank's connection closes", left.promise);
  await router.settles();
});

test("Exchange holds back a rank whose client does not read", async () => {
  const block = Buffer.alloc(65_536, "x");
  const totalBytes = 64 * 1_024 * 1_024;
  let sentByteCount = 0;
  let isHeldBack = false;
  await using rank = await startRank((_request, response) => {
    response.writeHead(200, { "content-length": totalBytes });
    const fill = () => {
      while (sentByteCount < totalBytes) {
        sentByteCount += block.length;
        isHeldBack = !response.write(block);
        if (isHeldBack) return;
      }
      response.end();
    };
    response.on("drain", () => {
      isHeldBack = false;
      fill();
    });
    fill();
  });
  await using router = await startTestRouter([rank]);
  using client = new RawClient(router.url);
  client.socket.pause();
  client.send(get);
  let stillCount = 0;
  let lastByteCount = -1;
  // Kernel buffers take some; after that nothing moves: the same count a hundred looks in a row.
  await eventually("the rank is held back", () => {
    stillCount = isHeldBack && sentByteCount === lastByteCount ? stillCount + 1 : 0;
    lastByteCount = sentByteCount;
    return stillCount > 100;
  });
  assert.ok(sentByteCount < totalBytes / 2, `${sentByteCount} bytes were taken`);
  assert.equal(router.status()[0]?.inFlight, 1);
  let receivedByteCount = 0;
  client.socket.removeAllListeners("data");
  client.socket.on("data", (chunk: Buffer) => (receivedByteCount += chunk.length)).resume();
  await eventually("everything arrives", () => receivedByteCount > totalBytes);
  await router.settles();
});

/** Sends a body of 64 MiB and waits until no more of it is taken. */
async function sendUntilHeldBack(client: RawClient): Promise<void> {
  const totalBytes = 64 * 1_024 * 1_024;
  client.send(`POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${totalBytes}\r\n\r\n`);
  client.socket.write(Buffer.alloc(totalBytes));
  let stillCount = 0;
  let lastTickCount = -1;
  let tickCount = 0;
  client.socket.on("drain", () => tickCount++);
  await eventually("the client is held back", () => {
    stillCount = tickCount === lastTickCount ? stillCount + 1 : 0;
    lastTickCount = tickCount;
    return stillCount > 100;
  });
  assert.ok(client.socket.writableLength > 0, "the whole body was taken");
}

test("Exchange holds back a client whose rank does not read, and feels it leave when it reads on", async () => {
  const held = Promise.withResolvers<IncomingMessage>();
  const left = Promise.withResolvers<void>();
  await using rank = await startRank((request, response) => {
    response.on("close", () => left.resolve());
    held.resolve(request.pause());
  });
  await using router = await startTestRouter([rank]);
  using client = new RawClient(router.url);
  await sendUntilHeldBack(client);
  client.socket.destroy();
  (await within("the request", held.promise)).resume();
  await within("the rank hears of it", left.promise);
  await router.settles();
});

test("Exchange gives up a rank that takes none of a body for longer than the limit", async () => {
  await using rank = await startRank((request) => void request.pause());
  await using router = await startTestRouter([rank], { limits: { rankStallMsMax: 200 } });
  using client = new RawClient(router.url);
  client.send("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999\r\n\r\n");
  client.socket.write(Buffer.alloc(64 << 20));
  await client.receives(/^HTTP\/1\.1 502 /);
  await router.settles();
});

test("Exchange relays a chunked body of unknown length up and the rank's answer down", async () => {
  await using rank = await startRank(echo);
  await using router = await startTestRouter([rank]);
  const upload = request(`${router.url}/v1/x`, { method: "POST" });
  for (let number = 0; number < 10; number++) upload.write("y".repeat(10_000));
  upload.end();
  const [response] = (await within("the answer", once(upload, "response"))) as [
    AsyncIterable<Buffer>,
  ];
  let text = "";
  for await (const chunk of response) text += chunk.toString();
  const { byteCount, headers } = JSON.parse(text) as { byteCount: number; headers: object };
  assert.equal(byteCount, 100_000);
  assert.equal((headers as Record<string, string>)["transfer-encoding"], "chunked");
  await router.settles();
});

test("Exchange sends a client's request id to the rank and back", async () => {
  await using rank = await startRank(echo);
  await using router = await startTestRouter([rank]);
  const response = await fetch(router.url, { headers: { "x-request-id": "mine" } });
  assert.equal(response.headers.get("x-request-id"), "mine");
  const { headers } = (await response.json()) as { headers: Record<string, string> };
  assert.equal(headers["x-request-id"], "mine");
});

test("Exchange uses a rank's connection again", async () => {
  await using rank = await startRank(echo);
  await using router = await startTestRouter([rank], { health: { upIntervalMs: 600_000 } });
  const before = rank.connectionCount;
  for (let number = 0; number < 5; number++) await (await fetch(router.url)).text();
  assert.equal(rank.connectionCount - before, 1);
});

test("Exchange goes to the next living rank when one cannot be reached", async () => {
  const dead = await startRank(echo);
  await using alive = await startRank(echo);
  await using router = await startTestRouter([dead, alive], { health: { upIntervalMs: 600_000 } });
  await dead.kill();
  for (let number = 0; number < 4; number++) {
    const response = await fetch(router.url, { method: "POST", body: "abc" });
    assert.equal(response.status, 200);
    assert.equal(((await response.json()) as { byteCount: number }).byteCount, 3);
  }
  assert.equal(router.status()[0]?.state, "down");
  assert.equal(router.status()[0]?.reason, "ECONNREFUSED");
  await router.settles();
  const retries = 'penstock_router_retries_total{reason="connect_failed"}';
  assert.equal(await router.metric(retries), 1);
});

test("Exchange tries no more ranks than its limit", async () => {
  const ranks = await Promise.all([1, 2, 3].map(() => startRank(echo)));
  const options = { health: { upIntervalMs: 600_000 }, limits: { connectTriesMax: 2 } };
  await using router = await startTestRouter(ranks, options);
  for (const rank of ranks) await rank.kill();
  const response = await fetch(router.url);
  assert.equal(response.status, 503);
  assert.equal(response.headers.get("retry-after"), "1");
  const downCount = router.status().filter(({ state }) => state === "down").length;
  assert.equal(downCount, 2);
  await router.settles();
});

test("Exchange gives up a rank that keeps silent past its limit", async () => {
  await using rank = await startRank(() => undefined);
  await using router = await startTestRouter([rank], { limits: { rankSilenceMsMax: 50 } });
  const response = await within("an answer", fetch(router.url));
  assert.equal(response.status, 502);
  assert.match(await response.text(), /for too long/);
  await router.settles();
});

test("Exchange cuts a client that takes nothing of its answer for longer than the limit", async () => {
  await using rank = await startRank(
    (_request, response) => void response.end(Buffer.alloc(64 << 20)),
  );
  await using router = await startTestRouter([rank], { limits: { clientStallMsMax: 100 } });
  using client = new RawClient(router.url);
  client.socket.pause();
  client.send(get);
  await eventually("the request is there", () => router.status()[0]!.inFlight === 1);
  await router.settles();
});

test("Exchange ends both connections when a rank answers before it has the whole body", async () => {
  await using rank = await startRank((_request, response) => {
    response.writeHead(413, { connection: "close" }).end("too long");
  });
  await using router = await startTestRouter([rank]);
  using client = new RawClient(router.url);
  client.send("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nabc");
  assert.match(await client.ended(), /^HTTP\/1\.1 413 [^]*too long/);
  await router.settles();
});

test("Exchange passes on a stream without events, head and end", async () => {
  await using rank = await startRank((_request, response) => {
    response.writeHead(200, { ...eventStream, "content-length": 0 }).end();
  });
  await using router = await startTestRouter([rank]);
  const response = await within("an answer", fetch(`${router.url}/v1/x`));
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  assert.equal(await response.text(), "");
  await router.settles();
});

test("Exchange finds no rank on a port where nothing listens", async () => {
  const url = `http://127.0.0.1:${await unusedPort()}`;
  await using router = await startTestRouter([{ url }], { upCount: 0 });
  await eventually("the reason", () => router.status()[0]?.reason === "ECONNREFUSED");
  const response = await fetch(router.url);
  assert.equal(response.status, 503);
  assert.match(await response.text(), /rank 0 is starting \(ECONNREFUSED\)/);
});
