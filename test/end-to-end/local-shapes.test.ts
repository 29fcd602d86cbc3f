/** Every shape as processes of this machine: right answers through each router, sessions that stay on their rank. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { askReverse } from "../support/ask-reverse.ts";
import { findServerPort } from "../support/free-ports.ts";
import { LocalDeployment } from "../support/local-deployment.ts";

const words = ["turbine", "river", "planet", "silver", "garden", "window"];

async function start(...flags: readonly string[]): Promise<LocalDeployment> {
  const port = await findServerPort(8);
  return await LocalDeployment.start({
    flags: ["--engine", "embedded", "--launch", "local", "--server.port", String(port), ...flags],
  });
}

/** Sessions of two turns each through one router; returns the ranks that answered. */
async function converse(
  deployment: LocalDeployment,
  url: string,
  model: string,
): Promise<ReadonlySet<string | null>> {
  const client = deployment.clientOf(url);
  const ranks = await Promise.all(
    words.map(async (word, index) => {
      const session = `session-${index}`;
      const first = await askReverse(client, word, { model, session });
      const second = await askReverse(client, words.at(index - 1)!, { model, session });
      assert.equal(second.rank, first.rank, `${session} stays on its rank`);
      return first.rank;
    }),
  );
  return new Set(ranks);
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
  for (const url of urls)
    assert.deepEqual(await converse(deployment, url, model), new Set(["0", "1"]));
  assert.equal(await deployment.stop(), 0);
});

test("wide EP has the ranks of one instance on several nodes behind one router", async () => {
  const shape = ["--deployment.type", "multi_node", "--enable-expert-parallel"];
  await using deployment = await start(...shape, "--parallel.dp", "4");
  assert.equal(deployment.urls.length, 1);
  deployment.processWith(" engine ", "--host 127.0.0.2", "--data-parallel-rank 3");
  const ranks = await converse(deployment, deployment.urls[0]!, "penstock/reverse-moe");
  assert.ok(ranks.size > 1, "several ranks answer");
  assert.equal(await deployment.stop(), 0);
});
