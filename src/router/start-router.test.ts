import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogger } from "../telemetry/mod.ts";
import { startRouter } from "./mod.ts";
import { startRank } from "./test-support/test-rank.ts";
import { startTestRouter } from "./test-support/test-router.ts";
import { eventually } from "./test-support/within.ts";

function startNumberedRanks(count: number) {
  return Promise.all(
    Array.from({ length: count }, (_, index) =>
      startRank((request, response) => {
        request.resume().on("end", () => response.end(String(index)));
      }),
    ),
  );
}

/** The rank that answered, as it says itself; the router says the same in a header. */
async function rankOf(url: string, session: string, header = "X-Session-ID"): Promise<string> {
  const response = await fetch(`${url}/v1/x`, { method: "POST", headers: { [header]: session } });
  const rank = await response.text();
  assert.equal(response.headers.get("x-penstock-rank"), rank);
  return rank;
}

test("startRouter() keeps sessions on their ranks, moves those of a lost one to all others, and brings them home", async () => {
  const ranks = await startNumberedRanks(3);
  await using router = await startTestRouter(ranks, { policy: "consistent_hash" });
  const sessions = Array.from({ length: 40 }, (_, number) => `session-${number}`);
  const place = async () => {
    const places = new Map<string, string>();
    for (const session of sessions) places.set(session, await rankOf(router.url, session));
    return places;
  };
  const homes = await place();
  assert.deepEqual(new Set(homes.values()), new Set(["0", "1", "2"]));
  assert.deepEqual(await place(), homes);
  await ranks[1]!.kill();
  const moved = await place();
  const refuges = new Set(
    sessions.filter((one) => homes.get(one) === "1").map((one) => moved.get(one)),
  );
  assert.deepEqual(refuges, new Set(["0", "2"]));
  for (const session of sessions) {
    if (homes.get(session) !== "1") assert.equal(moved.get(session), homes.get(session));
  }
  ranks[1] = await startRank((_request, response) => void response.end("1"), ranks[1]!.port);
  await eventually("the rank is back", () => router.status()[1]?.state === "up");
  assert.deepEqual(await place(), homes);
  await router.settles();
  for (const rank of ranks) await rank.kill();
});

test("startRouter() keeps sessions on the rank that had the fewest, until they are finished", async () => {
  const ranks = await startNumberedRanks(2);
  await using router = await startTestRouter(ranks, { policy: "sticky_least_loaded" });
  const finish = async (query: string, init: RequestInit = {}) => {
    const answer = await fetch(`${router.url}/finish_session${query}`, { method: "POST", ...init });
    return [answer.status, await answer.json()];
  };
  const a = await rankOf(router.url, "a b");
  const c = await rankOf(router.url, "c");
  assert.notEqual(a, c);
  assert.equal(await rankOf(router.url, "a b"), a);
  assert.equal(await router.metric("penstock_router_sessions"), 2);
  assert.deepEqual(await finish("?session_id=a%20b"), [200, { released: true }]);
  assert.deepEqual(await finish("?session_id=a%20b"), [200, { released: false }]);
  assert.equal(await rankOf(router.url, "d"), a);
  assert.equal(await rankOf(router.url, "c"), c);
  assert.deepEqual(await finish("", { headers: { "x-session-id": "c" }, body: "{}" }), [
    200,
    { released: true },
  ]);
  assert.equal(await router.metric("penstock_router_sessions"), 1);
  const [status, { error }] = (await finish("")) as [number, { error: { message: string } }];
  assert.equal(status, 400);
  assert.match(error.message, /^Cannot finish the session: expected session_id in the query/);
  for (const rank of ranks) await rank.kill();
});

test("startRouter() moves the sessions of a lost rank, and leaves them where their cache is by then", async () => {
  const ranks = await startNumberedRanks(3);
  await using router = await startTestRouter(ranks, { policy: "sticky_least_loaded" });
  const sessions = Array.from({ length: 9 }, (_, number) => `session-${number}`);
  const place = async () => {
    const places: string[] = [];
    for (const session of sessions) places.push(await rankOf(router.url, session));
    return places;
  };
  const countsOf = (places: readonly string[]) =>
    ["0", "1", "2"].map((rank) => places.filter((place) => place === rank).length);
  const homes = await place();
  assert.deepEqual(countsOf(homes), [3, 3, 3]);
  await ranks[1]!.kill();
  const moved = await place();
  for (const [index, home] of homes.entries()) if (home !== "1") assert.equal(moved[index], home);
  const [first, lost, third] = countsOf(moved);
  assert.deepEqual([lost, new Set([first, third])], [0, new Set([4, 5])]);
  ranks[1] = await startRank((_request, response) => void response.end("1"), ranks[1]!.port);
  await eventually("the rank is back", () => router.status()[1]?.state === "up");
  assert.deepEqual(await place(), moved);
  assert.equal(await rankOf(router.url, "new"), "1");
  for (const rank of ranks) await rank.kill();
});

test("startRouter() takes the end of a session only from clients with a key", async () => {
  const ranks = await startNumberedRanks(1);
  const apiKeys = { key: "secret", from: "a test" } as const;
  await using router = await startTestRouter(ranks, { apiKeys });
  const url = `${router.url}/finish_session?session_id=a`;
  assert.equal((await fetch(url, { method: "POST" })).status, 401);
  const headers = { authorization: "Bearer secret" };
  const answer = await fetch(url, { method: "POST", headers });
  assert.deepEqual([answer.status, await answer.json()], [200, { released: false }]);
  for (const rank of ranks) await rank.kill();
});

test("startRouter() forgets the session that was not used for longest where there are too many", async () => {
  const ranks = await startNumberedRanks(2);
  const options = { policy: "sticky_least_loaded", limits: { sessionsMax: 2 } } as const;
  await using router = await startTestRouter(ranks, options);
  for (const session of ["a", "b", "c"]) await rankOf(router.url, session);
  const finish = async (session: string) => {
    const url = `${router.url}/finish_session?session_id=${session}`;
    return ((await (await fetch(url, { method: "POST" })).json()) as { released: boolean })
      .released;
  };
  assert.deepEqual([await finish("a"), await finish("b"), await finish("c")], [false, true, true]);
  for (const rank of ranks) await rank.kill();
});

test("startRouter() draws the same ranks with the same seed", async () => {
  const ranks = await startNumberedRanks(8);
  const draw = async (seed: number) => {
    await using router = await startTestRouter(ranks, { policy: "power_of_two", seed });
    const places: string[] = [];
    for (let count = 0; count < 16; count++) places.push(await rankOf(router.url, "one"));
    return places;
  };
  const places = await draw(1);
  assert.deepEqual(await draw(1), places);
  assert.notDeepEqual(await draw(2), places);
  for (const rank of ranks) await rank.kill();
});

test("startRouter() takes the session headers that it is given", async () => {
  const ranks = await startNumberedRanks(4);
  const options = { policy: "consistent_hash", sessionHeaders: ["X-Mine"] } as const;
  await using router = await startTestRouter(ranks, options);
  const places = new Set<string>();
  for (let number = 0; number < 8; number++) places.add(await rankOf(router.url, "one", "x-mine"));
  assert.equal(places.size, 1);
  for (let number = 0; number < 8; number++) places.add(await rankOf(router.url, "one"));
  assert.equal(places.size, 4);
  for (const rank of ranks) await rank.kill();
});

async function rankOfBody(url: string, body: unknown): Promise<string> {
  const headers = { "content-type": "application/json" };
  const init = { method: "POST", headers, body: JSON.stringify(body) };
  return (await fetch(`${url}/v1/chat/completions`, init)).text();
}

test("startRouter() finds sessions in the body's own fields, and never in prompts", async () => {
  const ranks = await startNumberedRanks(4);
  await using router = await startTestRouter(ranks, { policy: "sticky_least_loaded" });
  const place = (fields: object) =>
    rankOfBody(router.url, {
      messages: [{ role: "user", content: `"session_id": "trap", "user": "trap"` }],
      ...fields,
    });
  const homes = new Map<string, string>();
  for (const id of ["a", "b", "c", "d"]) homes.set(id, await place({ session_id: id }));
  assert.equal(new Set(homes.values()).size, 4);
  for (const [id, home] of homes) {
    assert.equal(
      await place({ metadata: { user: "other" }, session_params: { session_id: id } }),
      home,
    );
    assert.equal(await rankOf(router.url, id), home);
  }
  assert.equal(await router.metric("penstock_router_sessions"), 4);
  for (let count = 0; count < 4; count++) await place({});
  assert.equal(await router.metric("penstock_router_sessions"), 4);
  for (const rank of ranks) await rank.kill();
});

test("startRouter() gives the address it listens on", async () => {
  await using router = await startTestRouter([{ url: "http://127.0.0.1:1" }], { upCount: 0 });
  assert.equal(router.address.host, "127.0.0.1");
  assert.equal(router.url, `http://127.0.0.1:${router.address.port}`);
});

test("startRouter() refuses ranks that it cannot use", async () => {
  const logger = createLogger({ name: "router", format: "json", write: () => undefined });
  const options = { host: "127.0.0.1", port: 0, policy: "round_robin", logger } as const;
  await assert.rejects(startRouter({ ...options, ranks: [] }), { code: "ROUTER_RANKS_INVALID" });
  await assert.rejects(startRouter({ ...options, ranks: [{ index: 0, url: "https://x" }] }), {
    code: "ROUTER_RANK_INVALID",
  });
});

test("startRouter() logs each turn of a rank's health once", async () => {
  const [rank] = await startNumberedRanks(1);
  await using router = await startTestRouter([rank!]);
  await rank!.kill();
  await eventually("the rank is out of use", () => router.status()[0]?.state === "down");
  assert.deepEqual(
    router.log.map(({ level, message }) => [level, message]),
    [
      ["info", "Rank is up"],
      ["warning", "Rank is out of use"],
    ],
  );
});
