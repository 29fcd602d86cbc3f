/** Attempts at real little ranks, seen through the router: what is repeated here is never seen by a client. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startStuckRank } from "../test-support/stuck-rank.ts";
import { startRank, startStaleRank } from "../test-support/test-rank.ts";
import { RawClient } from "../test-support/raw-client.ts";
import { startTestRouter } from "../test-support/test-router.ts";
import { eventually } from "../test-support/within.ts";

test("Attempt goes to the next living rank when a connection is not made in time", async () => {
  await using stuck = await startStuckRank();
  await using alive = await startRank((_request, response) => void response.end());
  const health = { upIntervalMs: 600_000 };
  await using router = await startTestRouter([stuck, alive], {
    health,
    limits: { connectMsMax: 50 },
  });
  await stuck.stopAccepting();
  for (let number = 0; number < 2; number++) assert.equal((await fetch(router.url)).status, 200);
  assert.equal(router.status()[0]?.reason, "no connection in time");
  await router.settles();
});

for (const act of ["end", "reset"] as const) {
  test(`Attempt repeats a request once whose reused connection was stale (${act})`, async () => {
    await using rank = await startStaleRank(act);
    await using router = await startTestRouter([rank]);
    for (let number = 0; number < 2; number++) {
      const answer = await fetch(`${router.url}/v1/completions`, { method: "POST" });
      assert.equal(await answer.text(), "1");
    }
    await router.settles();
    const retries = 'penstock_router_retries_total{reason="stale_connection"}';
    assert.equal(await router.metric(retries), 1);
  });
}

for (const [what, path, body] of [
  ["must be done only once", "/v1/audio/transcriptions", "short"],
  ["is too long to be kept", "/v1/completions", "longer than what is kept"],
] as const) {
  test(`Attempt takes no connection that may be stale for what ${what}`, async () => {
    await using rank = await startStaleRank("end");
    await using router = await startTestRouter([rank], { limits: { heldBodyBytesMax: 8 } });
    for (let number = 0; number < 2; number++) {
      const answer = await fetch(router.url + path, { method: "POST", body });
      assert.equal(await answer.text(), "1");
    }
    await router.settles();
    const retries = 'penstock_router_retries_total{reason="stale_connection"}';
    assert.equal(await router.metric(retries), 0);
  });
}

test("Attempt does not hold a client's rest against the rank", async () => {
  const silenceMsMax = 250; // Also of a rank that shares a busy machine with the test.
  const byteCount = 64_000_000;
  let isHeldBack = false;
  await using rank = await startRank((_request, response) => {
    response.writeHead(200, { "content-length": byteCount });
    isHeldBack = !response.write(Buffer.alloc(byteCount, "x"));
    response.end();
  });
  const limits = { rankSilenceMsMax: silenceMsMax, tickMs: 10 };
  await using router = await startTestRouter([rank], { limits });
  using client = new RawClient(router.url);
  client.socket.pause();
  client.send("GET /v1/models HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
  await eventually("the rank is held back", () => isHeldBack);
  const restEndsMs = performance.now() + 3 * silenceMsMax;
  await eventually("the rest is longer than a silence", () => performance.now() > restEndsMs);
  let receivedByteCount = 0;
  client.socket.on("data", (chunk: Buffer) => (receivedByteCount += chunk.length));
  client.socket.resume();
  await client.ended();
  assert.ok(receivedByteCount > byteCount, `${receivedByteCount} of ${byteCount} bytes`);
  await router.settles();
});
