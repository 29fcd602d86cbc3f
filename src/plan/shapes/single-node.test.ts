import assert from "node:assert/strict";
import { test } from "node:test";
import { loadConfig } from "../../config/mod.ts";
import { planSingleNode } from "./single-node.ts";

const inventory = { coreCount: 2, modelDirectory: "/m", penstockCommand: ["node", "p.js"] };

async function plan(...words: readonly string[]) {
  const { config } = await loadConfig(words, () => Promise.reject(new Error("no files here")));
  return planSingleNode(config, inventory)[0]!.processes;
}

test("planSingleNode() opens only the router to the network", async () => {
  const [router, rank] = await plan("--server.host", "0.0.0.0");
  assert.equal(router?.ports[0]?.host, "0.0.0.0");
  assert.deepEqual(router.ready, {
    kind: "http",
    url: "http://127.0.0.1:8000/health",
    timeoutMs: 600_000,
  });
  assert.equal(rank?.ports[0]?.host, "127.0.0.1");
});

test("planSingleNode() names the flag that moves each port", async () => {
  for (const { ports } of await plan("--parallel.dp", "3"))
    assert.deepEqual(
      ports.map(({ flag }) => flag),
      ["--server.port"],
    );
});
