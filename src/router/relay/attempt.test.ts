/** Attempts at real little ranks, seen through the router: what is repeated here is never seen by a client. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startStuckRank } from "../test-support/stuck-rank.ts";
import { startRank, startStaleRank } from "../test-support/test-rank.ts";
import { startTestRouter } from "../test-support/test-router.ts";

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
      assert.equal(await (await fetch(router.url, { method: "POST" })).text(), "1");
    }
    await router.settles();
    const retries = 'penstock_router_retries_total{reason="stale_connection"}';
    assert.equal(await router.metric(retries), 1);
  });
}
