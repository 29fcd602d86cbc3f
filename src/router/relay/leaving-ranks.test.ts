/** Ranks that come, drain and leave while clients are served. */
import assert from "node:assert/strict";
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import { createLogger } from "../../telemetry/mod.ts";
import { Front } from "../accept/front.ts";
import type { RouterLimits } from "../limits.ts";
import { systemClock } from "../net/clock.ts";
import { nodeNetwork } from "../net/node-network.ts";
import { makeRouterCore } from "../router-core.ts";
import { startRank, type TestRank } from "../test-support/test-rank.ts";
import { eventually, within } from "../test-support/within.ts";

async function startCore(ranks: readonly TestRank[], limits: Partial<RouterLimits> = {}) {
  const logger = createLogger({ name: "router", format: "json", write: () => undefined });
  const core = makeRouterCore({
    ranks: ranks.map(({ url }, index) => ({ index, url })),
    policy: "round_robin",
    logger,
    limits: { tickMs: 10, ...limits },
    health: { upIntervalMs: 50, downIntervalMs: 20 },
    clock: systemClock,
    network: nodeNetwork,
  });
  const front = new Front(core.clients, {
    limits: core.context.limits,
    certificate: undefined,
    onAcceptError: (reason) => assert.fail(reason),
    onDropped: () => assert.fail("dropped"),
  });
  const address = await front.listen({ host: "127.0.0.1", port: 0 });
  core.checks.start();
  await eventually("up", () => core.context.servers.livingCount === ranks.length);
  return {
    ...core,
    table: core.context.table,
    url: `http://127.0.0.1:${address!.port}`,
    [Symbol.asyncDispose]: async () => {
      await front.close();
      core.close();
    },
  };
}

/** A rank that begins a stream for each request and ends it when it is told. */
async function startStreamer() {
  const streams: ServerResponse[] = [];
  const rank = await startRank((_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n");
    streams.push(response);
  });
  return { rank, streams };
}

test("Membership.add() brings a rank into use when it is ready, with connections of its own", async () => {
  await using first = await startRank((_request, response) => response.end("first"));
  await using second = await startRank((_request, response) => response.end("second"));
  await using router = await startCore([first]);
  const slot = router.membership.add({ index: 7, url: second.url });
  await eventually("up", () => router.table.statusOf(slot).state === "up");
  const answers = [];
  for (let count = 0; count < 4; count++) answers.push(await (await fetch(router.url)).text());
  assert.deepEqual(answers.toSorted(), ["first", "first", "second", "second"]);
});

test("a rank that drains finishes its streams, gets no new request, and leaves with its last byte", async () => {
  const { rank, streams } = await startStreamer();
  await using leaving = rank;
  await using other = await startRank((_request, response) => response.end("other"));
  await using router = await startCore([leaving, other]);
  const responses = [await fetch(router.url), await fetch(router.url)];
  assert.equal(streams.length, 1);
  router.membership.remove(0);
  for (let count = 0; count < 4; count++)
    assert.equal(await (await fetch(router.url)).text(), "other");
  assert.deepEqual(
    router.table.status().map(({ state, inFlight }) => [state, inFlight]),
    [
      ["draining", 1],
      ["up", 0],
    ],
  );
  streams[0]!.end("data: [DONE]\n\n");
  const texts = await within("the end", Promise.all(responses.map((each) => each.text())));
  assert.ok(texts.includes("data: 1\n\ndata: [DONE]\n\n"));
  await eventually("gone", () => !router.table.isTaken(0));
});

test("a stream of a rank that must leave before it ends gets an error event", async () => {
  const { rank, streams } = await startStreamer();
  await using leaving = rank;
  await using router = await startCore([leaving], { rankLeaveMsMax: 100 });
  const response = await fetch(router.url);
  const closed = once(streams[0]!, "close");
  router.membership.remove(0);
  const text = await within("the end", response.text());
  assert.match(text, /^data: 1\n\ndata: \{"error":.*it was removed.*\n\ndata: \[DONE\]\n\n$/);
  await within("the rank hears of it", closed);
  assert.ok(router.table.memory.inFlight.every((count) => count === 0));
  const refused = await fetch(router.url);
  assert.equal(refused.status, 503);
  assert.match(await refused.text(), /all ranks have been removed/);
});

test("a request that waits for a rank is served by one that comes", async () => {
  const gone = await startRank((_request, response) => response.end());
  await using router = await startCore([gone]);
  await gone.kill();
  await eventually("down", () => router.context.servers.livingCount === 0);
  const waiting = fetch(router.url);
  await eventually("it waits", () => router.context.metrics.waitingRequests.value === 1);
  await using rank = await startRank((_request, response) => response.end("new"));
  router.membership.add({ index: 5, url: rank.url });
  assert.equal(await (await within("the answer", waiting)).text(), "new");
});

test("streams and decoding are counted apart from prompts, and all are 0 in the end", async () => {
  const { rank, streams } = await startStreamer();
  await using only = rank;
  await using router = await startCore([only]);
  const { prefilling, decoding, streams: open } = router.table.memory;
  const response = await fetch(router.url);
  assert.deepEqual([prefilling[0], decoding[0], open[0]], [0, 1, 1]);
  streams[0]!.end();
  await within("the end", response.text());
  await eventually("released", () => decoding[0] === 0);
  assert.deepEqual([prefilling[0], decoding[0], open[0]], [0, 0, 0]);
});
