import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryDirectory } from "../test-support/session-files.ts";
import { startRank, type TestRank } from "../test-support/test-rank.ts";
import { startTestRouter, type TestRouter } from "../test-support/test-router.ts";

const names = Array.from({ length: 12 }, (_, number) => `session-${number}`);

function startRanks(count: number): Promise<TestRank[]> {
  return Promise.all(
    Array.from({ length: count }, () =>
      startRank((request, response) => void request.resume().on("end", () => response.end())),
    ),
  );
}

/** The index of the rank that answers each session. */
async function places(router: TestRouter, sessions: readonly string[]) {
  const found: (string | null)[] = [];
  for (const session of sessions) {
    const headers = { "x-session-id": session };
    const response = await fetch(`${router.url}/v1/x`, { method: "POST", headers });
    await response.arrayBuffer();
    found.push(response.headers.get("x-penstock-rank"));
  }
  return found;
}

test("startRouter() places sessions after a restart as before, and lets nobody else have their directory", async (context) => {
  const sessionsDirectory = join(temporaryDirectory(context), "sessions");
  const ranks = await startRanks(3);
  const options = { policy: "sticky_least_loaded", sessionsDirectory } as const;
  const first = await startTestRouter(ranks, options);
  const homes = await places(first, names);
  const finished = `${first.url}/finish_session?session_id=${names[0]}`;
  await fetch(finished, { method: "POST" }).then((response) => response.arrayBuffer());
  await assert.rejects(startTestRouter(ranks, options), { code: "ROUTER_SESSIONS_UNUSABLE" });
  await first.close();
  assert.equal(existsSync(join(sessionsDirectory, "lock")), false);
  {
    await using second = await startTestRouter(ranks, options);
    assert.equal(await second.metric("penstock_router_sessions"), names.length - 1);
    assert.deepEqual(await places(second, names.slice(1)), homes.slice(1));
  }
  for (const rank of ranks) await rank.kill();
});

test("startRouter() uses no directory for sessions where its policy remembers none", async (context) => {
  const sessionsDirectory = join(temporaryDirectory(context), "sessions");
  const ranks = await startRanks(1);
  await using router = await startTestRouter(ranks, {
    policy: "consistent_hash",
    sessionsDirectory,
  });
  await places(router, names);
  assert.equal(existsSync(sessionsDirectory), false);
  for (const rank of ranks) await rank.kill();
});
