import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { readMetric } from "../support/metrics.ts";
import { startLoad } from "./load.ts";
import { startRouterProcess, startStreamRank } from "./router-process.ts";

const leasesMetric = "penstock_router_requests_in_flight";
const clientCount = 32;

test("router under load loses no request to ranks that are killed one after the other", async (context) => {
  const ranks = [];
  for (let index = 0; index < 3; index++) ranks.push(await startStreamRank(context));
  const router = await startRouterProcess(context, { rankUrls: ranks.map(({ url }) => url) });
  const load = startLoad(router.port, clientCount);
  context.after(() => load.stop());
  await eventually("a beginning", () => load.tally.right > 500);
  const homes = new Map(load.ranks);
  for (const index of [0, 1, 2]) {
    const { right } = load.tally;
    await ranks[index]!.kill("SIGKILL");
    await eventually("others answer", () => load.tally.right > right + 500);
    ranks[index] = await startStreamRank(context, ranks[index]!.port);
    await eventually("it is back", async () => {
      return (await readMetric(router.url, "penstock_router_rank_up")) === 3;
    });
  }
  await eventually("sessions are home again", () =>
    [...homes].every(([session, rank]) => load.ranks.get(session) === rank),
  );
  await load.stop();
  const { right, wrong, refused, cut } = load.tally;
  context.diagnostic(`${right} right`);
  assert.deepEqual({ wrong, refused: [...refused], cut }, { wrong: 0, refused: [], cut: 0 });
  assert.equal(await readMetric(router.url, leasesMetric), 0);
});

test("router that is killed under load and started again goes on where it was", async (context) => {
  const ranks = [await startStreamRank(context), await startStreamRank(context)];
  const rankUrls = ranks.map(({ url }) => url);
  const first = await startRouterProcess(context, { rankUrls });
  const load = startLoad(first.port, clientCount);
  context.after(() => load.stop());
  await eventually("a beginning", () => load.tally.right > 500);
  await eventually("all sessions have a rank", () => load.ranks.size === clientCount);
  const homes = new Map(load.ranks);
  await first.kill("SIGKILL");
  for (const { url } of ranks) {
    await eventually("the ranks feel it", async () => {
      const counts = (await (await fetch(`${url}/counts`)).json()) as { active: number };
      return counts.active === 0;
    });
  }
  load.ranks.clear();
  const { right } = load.tally;
  const second = await startRouterProcess(context, { rankUrls, port: first.port });
  await eventually("it answers", () => load.tally.right > right + 1_000);
  await eventually("all sessions are back", () => load.ranks.size === clientCount);
  assert.deepEqual(Object.fromEntries(load.ranks), Object.fromEntries(homes));
  await load.stop();
  assert.equal(load.tally.wrong, 0);
  assert.equal(await readMetric(second.url, leasesMetric), 0);
});
