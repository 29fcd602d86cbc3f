import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { replay } from "../../src/router/sessions/session-record.ts";
import { eventually } from "../support/eventually.ts";
import { readMetric } from "../support/metrics.ts";
import { mountSmallDisk } from "../support/small-disk.ts";
import { startLoad } from "./load.ts";
import { type RouterProcess, startRouterProcess, startStreamRank } from "./router-process.ts";

const clientCount = 24;
const killCount = 5;
const newPerLife = 40;

/** Three ranks, and routers one after the other that save their sessions in the directory. */
async function startScene(context: TestContext, directory: string) {
  const ranks = await Promise.all([0, 1, 2].map(async () => startStreamRank(context)));
  const rankUrls = ranks.map(({ url }) => url);
  const words = ["--policy", "sticky_least_loaded", "--sessions-dir", directory, "--threads", "2"];
  return async (port?: number) => {
    const where = port === undefined ? {} : { port };
    const router = await startRouterProcess(context, { rankUrls, flags: words, ...where });
    // It looks at its ranks before it lets clients in, since their sessions are to find them again.
    await eventually("it listens", async () => {
      return (await fetch(`${router.url}/health`, { signal: AbortSignal.timeout(5_000) })).ok;
    });
    return router;
  };
}

/** The rank that answers a request of each session. */
async function placesOf(router: RouterProcess, sessions: readonly string[]) {
  const places = new Map<string, string | null>();
  for (const session of sessions) {
    const response = await fetch(`${router.url}/v1/completions`, {
      method: "POST",
      headers: { "x-session-id": session },
      body: "{}",
      signal: AbortSignal.timeout(10_000),
    });
    await response.arrayBuffer();
    assert.equal(response.status, 200);
    places.set(session, response.headers.get("x-penstock-rank"));
  }
  return places;
}

function savedCount(directory: string): number {
  return replay(readFileSync(join(directory, "both"))).sessions.size;
}

function namesOf(life: number): string[] {
  return Array.from({ length: newPerLife }, (_, number) => `life ${life}, session ${number}`);
}

test("router that is killed five times in a row under load leaves all sessions where they were", async (context) => {
  const directory = mkdtempSync(join(tmpdir(), "penstock-router-sessions-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const start = await startScene(context, directory);
  let router = await start();
  const load = startLoad(router.port, clientCount);
  context.after(() => load.stop());
  const homes = new Map<string, string | null>();
  for (let life = 0; life < killCount; life++) {
    for (const [session, rank] of await placesOf(router, namesOf(life))) homes.set(session, rank);
    await eventually("all clients have a rank", () => load.ranks.size === clientCount);
    const homesOfLoad = new Map(load.ranks);
    const sessionCount = homes.size + clientCount;
    await eventually("all is saved", () => savedCount(directory) === sessionCount);
    const { right } = load.tally;
    await eventually("the load goes on", () => load.tally.right > right + 200);
    await router.kill("SIGKILL");
    load.ranks.clear();
    router = await start(router.port);
    await eventually("all clients are back", () => load.ranks.size === clientCount);
    assert.equal(await readMetric(router.url, "penstock_router_sessions"), sessionCount);
    assert.deepEqual(Object.fromEntries(load.ranks), Object.fromEntries(homesOfLoad));
    assert.deepEqual(await placesOf(router, [...homes.keys()]), homes);
  }
  await load.stop();
  assert.equal(load.tally.wrong, 0);
});

test("router under load goes on while the disk of its sessions is full, says it once, and saves them when there is room", async (context) => {
  using disk = mountSmallDisk(262_144);
  if (disk === undefined) return context.skip("needs the right to mount");
  const start = await startScene(context, disk.directory);
  const first = await start();
  const load = startLoad(first.port, clientCount);
  context.after(() => load.stop());
  const homes = await placesOf(first, namesOf(0));
  await eventually("all clients have a rank", () => load.ranks.size === clientCount);
  disk.fill();
  // More than what is left of the file's last block.
  let life = 1;
  await eventually("saving fails", async () => {
    for (const [session, rank] of await placesOf(first, namesOf(life++))) homes.set(session, rank);
    return first.output().includes("Saving sessions failed");
  });
  const { right } = load.tally;
  await eventually("the load goes on", () => load.tally.right > right + 1_000);
  for (const [session, rank] of await placesOf(first, namesOf(life++))) homes.set(session, rank);
  rmSync(join(disk.directory, "filling"));
  await eventually("all is saved", () => savedCount(disk.directory) === homes.size + clientCount);
  await eventually("it says so", () => count(first, "Sessions are saved again") > 0);
  await load.stop();
  const { wrong, refused, cut } = load.tally;
  assert.deepEqual({ wrong, refused: [...refused], cut }, { wrong: 0, refused: [], cut: 0 });
  assert.deepEqual(
    ["Saving sessions failed", "Sessions are saved again"].map((message) => count(first, message)),
    [1, 1],
  );
  await first.kill("SIGKILL");
  const second = await start(first.port);
  assert.deepEqual(await placesOf(second, [...homes.keys()]), homes);
});

function count(router: RouterProcess, message: string): number {
  return router.output().split(message).length - 1;
}
