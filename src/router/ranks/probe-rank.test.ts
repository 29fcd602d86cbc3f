import assert from "node:assert/strict";
import { createServer } from "node:http";
import { type AddressInfo } from "node:net";
import { test } from "node:test";
import { unusedPort } from "../test-support/test-rank.ts";
import { within } from "../test-support/within.ts";
import { probeRank } from "./probe-rank.ts";
import { parseRankAddress } from "./rank-address.ts";

const options = { timeoutMs: 5_000, signal: new AbortController().signal };

function probe(port: number, over: Partial<typeof options> = {}) {
  const address = parseRankAddress({ index: 0, url: `http://127.0.0.1:${port}` });
  return within("a verdict", probeRank(address, { ...options, ...over }));
}

/** Runs the probe against a server that answers with these raw bytes, or not at all. */
async function probeAnswer(answer: string | undefined, over: Partial<typeof options> = {}) {
  const server = createServer();
  server.on("connection", (socket) => {
    if (answer !== undefined) socket.end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await probe((server.address() as AddressInfo).port, over);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test("probeRank() calls a rank ready that answers 2xx", async () => {
  const sign = await probeAnswer("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
  assert.deepEqual(sign, { kind: "ready" });
});

test("probeRank() gives the status of a rank that still loads", async () => {
  const sign = await probeAnswer("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n");
  assert.deepEqual(sign, { kind: "failed", reason: "its health check answered 503" });
});

test("probeRank() calls a rank unreachable where nothing listens", async () => {
  assert.deepEqual(await probe(await unusedPort()), {
    kind: "unreachable",
    reason: "ECONNREFUSED",
  });
});

test("probeRank() gives up on a rank that is silent, cut off or speaks no HTTP", async () => {
  const silent = await probeAnswer(undefined, { timeoutMs: 30 });
  assert.deepEqual(silent, { kind: "failed", reason: "no answer in 30 ms", isSilent: true });
  assert.equal((await probeAnswer("")).kind, "failed");
  assert.equal((await probeAnswer("SSH-2.0 ".repeat(1_000))).kind, "failed");
});

test("probeRank() ends when it is aborted", async () => {
  const abort = new AbortController();
  const verdict = probeAnswer(undefined, { signal: abort.signal });
  setImmediate(() => abort.abort());
  assert.notEqual((await verdict).kind, "ready");
});
