import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { test } from "node:test";
import { unusedPort } from "../test-support/test-rank.ts";
import { within } from "../test-support/within.ts";
import { systemClock } from "../net/clock.ts";
import { nodeNetwork } from "../net/node-network.ts";
import { probeOver } from "./probe-rank.ts";
import type { HealthSign } from "./rank-health.ts";
import { parseRankAddress } from "./rank-address.ts";

const probeRank = probeOver(nodeNetwork, systemClock);

function addressOf(port: number) {
  return parseRankAddress({ index: 0, url: `http://127.0.0.1:${port}` });
}

function probe(port: number, timeoutMs = 5_000): Promise<HealthSign> {
  const { promise, resolve } = Promise.withResolvers<HealthSign>();
  probeRank(addressOf(port), timeoutMs, resolve);
  return within("a verdict", promise);
}

/** Runs the probe against a server that answers with these raw bytes, or not at all. */
async function probeAnswer(answer: string | undefined, timeoutMs?: number) {
  const server = createServer();
  server.on("connection", (socket) => {
    if (answer !== undefined) socket.end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await probe((server.address() as AddressInfo).port, timeoutMs);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test("probeOver() calls a rank ready that answers 2xx", async () => {
  const sign = await probeAnswer("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
  assert.deepEqual(sign, { kind: "ready" });
});

test("probeOver() gives the status of a rank that still loads", async () => {
  const sign = await probeAnswer("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n");
  assert.deepEqual(sign, { kind: "failed", reason: "its health check answered 503" });
});

test("probeOver() calls a rank unreachable where nothing listens", async () => {
  assert.deepEqual(await probe(await unusedPort()), {
    kind: "unreachable",
    reason: "ECONNREFUSED",
  });
});

test("probeOver() gives up on a rank that is silent, cut off or speaks no HTTP", async () => {
  const silent = await probeAnswer(undefined, 30);
  assert.deepEqual(silent, { kind: "failed", reason: "no answer in 30 ms", isSilent: true });
  assert.equal((await probeAnswer("")).kind, "failed");
  assert.equal((await probeAnswer("SSH-2.0 ".repeat(1_000))).kind, "failed");
});

test("probeOver() ends the connection and says nothing once it is cancelled", async () => {
  const server = createServer();
  const connected = once(server, "connection");
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const signs: HealthSign[] = [];
  const { port } = server.address() as AddressInfo;
  const cancel = probeRank(addressOf(port), 5_000, (sign) => signs.push(sign));
  const [socket] = (await within("a connection", connected)) as [Socket];
  const closed = once(socket, "close");
  socket.resume();
  cancel();
  cancel();
  await within("the end", closed);
  server.close();
  assert.deepEqual(signs, []);
});
