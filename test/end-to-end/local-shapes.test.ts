/** Every shape as processes of this machine: right answers through each router, sessions that stay on their rank. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { askReverse } from "../support/ask-reverse.ts";
import { findServerPort } from "../support/free-ports.ts";
import { heldOutWords } from "../support/held-out-words.ts";
import { LocalDeployment } from "../support/local-deployment.ts";

/** So many that no rank of a few is left without one, but for one run in many thousands. */
const sessionCount = 16;
const words = heldOutWords().slice(0, sessionCount);

const moe = "penstock/reverse-moe";

async function start(...flags: readonly string[]): Promise<LocalDeployment> {
  return await startAt(await findServerPort(8), ...flags);
}

async function startAt(port: number, ...flags: readonly string[]): Promise<LocalDeployment> {
  return await LocalDeployment.start({
    flags: ["--engine", "embedded", "--launch", "local", "--server.port", String(port), ...flags],
  });
}

interface Conversed {
  /** Ranks that answered, and those that computed the prompts where that is another one's. */
  readonly ranks: ReadonlySet<string | null>;
  readonly prefillRanks: ReadonlySet<string | null>;
}

/** Sessions through one router, each of which stays on its ranks. */
async function converse(url: string, model: string): Promise<Conversed> {
  const { origin } = new URL(url);
  const answered = await Promise.all(
    words.map((word, index) => askReverse(origin, word, { model, session: `session-${index}` })),
  );
  return {
    ranks: new Set(answered.map(({ rank }) => rank)),
    prefillRanks: new Set(answered.map(({ prefillRank }) => prefillRank)),
  };
}

test("2 replicas of 2 nodes serve behind 2 routers, each node at an address of its own", async () => {
  const shape = ["--deployment.type", "multi_node", "--deployment.num-nodes", "2"];
  const model = "penstock/reverse-dense";
  await using deployment = await start(
    ...shape,
    "--deployment.num-replicas",
    "2",
    "--model",
    model,
  );
  const { urls } = deployment;
  assert.deepEqual(
    urls.map((url) => new URL(url).hostname),
    ["127.0.0.1", "127.0.0.3"],
  );
  for (const url of urls) {
    const { ranks } = await converse(url, model);
    assert.deepEqual(ranks, new Set(["0", "1"]));
  }
  assert.equal(await deployment.stop(), 0);
});

/** Where ranks hand KV blocks over; of its own, since others may plan theirs at the same moment. */
function kvPort(deploymentPort: number): readonly string[] {
  return ["--kv-transfer.kv-port", String(deploymentPort + 50)];
}

test("wide EP has the ranks of one instance on several nodes behind one router", async () => {
  const shape = ["--deployment.type", "multi_node", "--enable-expert-parallel"];
  await using deployment = await start(...shape, "--parallel.dp", "4");
  assert.equal(deployment.urls.length, 1);
  deployment.processWith(" engine ", "--host 127.0.0.2", "--data-parallel-rank 3");
  const { ranks } = await converse(deployment.urls[0]!, moe);
  assert.ok(ranks.size > 1, "several ranks answer");
  assert.equal(await deployment.stop(), 0);
});

test("pd_disagg makes ranks of GPU ids, at ports that are free, which hand KV blocks over", async (context) => {
  const port = await findServerPort(8);
  const holder = createServer().listen(port + 101, "127.0.0.1");
  context.after(() => holder.close());
  await once(holder, "listening");
  const pools = ["--pd-disagg.prefill-gpu-ids", "0", "1", "--pd-disagg.decode-gpu-ids", "4"];
  await using deployment = await startAt(port, ...pools, ...kvPort(port));
  const { endpoints } = await deployment.status();
  const ports = endpoints.ranks.map((url) => Number(new URL(url).port) - port);
  assert.deepEqual(ports, [100, 102, 103], "the held port is passed over");
  const { ranks, prefillRanks } = await converse(deployment.urls[0]!, moe);
  assert.deepEqual(ranks, new Set(["2"]));
  assert.deepEqual(prefillRanks, new Set(["0", "1"]));
  assert.equal(await deployment.stop(), 0);
});

test("2 replicas of 2 prefill ranks and 1 decode rank hand KV blocks over between nodes", async () => {
  const port = await findServerPort(8);
  const shape = ["--deployment.type", "disaggregated", "--deployment.num-replicas", "2"];
  const ranks = ["--deployment.prefill-dp", "2", "--deployment.decode-dp", "1"];
  await using deployment = await startAt(port, ...shape, ...ranks, ...kvPort(port));
  const { endpoints } = await deployment.status();
  const hosts = endpoints.ranks.map((url) => new URL(url).hostname.slice(-1));
  assert.deepEqual(hosts, ["1", "1", "2", "3", "3", "4"]);
  assert.equal(deployment.urls.length, 2);
  for (const url of deployment.urls) {
    const { ranks, prefillRanks } = await converse(url, moe);
    assert.deepEqual([ranks.size, prefillRanks.size], [1, 2]);
  }
  assert.equal(await deployment.stop(), 0);
});
