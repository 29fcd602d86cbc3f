import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { makePlan } from "./make-plan.ts";
import { planSchema } from "./plan-schema.ts";
import { configOf } from "./test-support/config-of.ts";
import { testInventory } from "./test-support/inventory.ts";

const schema = z.fromJSONSchema(planSchema);

test("planSchema takes a Plan, and refuses what is none", async () => {
  const plan = makePlan(await configOf("--parallel.dp=2"), testInventory);
  assert.equal(schema.safeParse(plan).error, undefined);
  const process = plan.nodes[0]!.processes[0]!;
  const withProcess = (change: object) => ({
    ...plan,
    nodes: [{ index: 0, processes: [{ ...process, ...change }] }],
  });
  const ready = { kind: "http", url: "http://localhost/", socketPath: "/s", timeoutMs: 1 };
  assert.equal(schema.safeParse(withProcess({ ready, drainMs: 1 })).error, undefined);
  const wrong = [
    { ...plan, version: 2 },
    { ...plan, more: 1 },
    { ...plan, engine: "other" },
    { ...plan, nodes: [{ index: 0 }] },
    { ...plan, endpoints: { client: [1], ranks: [], admin: [] } },
    { ...plan, endpoints: { client: [], ranks: [] } },
    withProcess({ kind: "other" }),
    withProcess({ gpus: [-1] }),
    withProcess({ ready: { kind: "http" } }),
    withProcess({ env: { A: 1 } }),
    withProcess({ drainMs: -1 }),
  ];
  for (const one of wrong) assert.equal(schema.safeParse(one).success, false, JSON.stringify(one));
});

test("planSchema is JSON", () => {
  assert.deepEqual(JSON.parse(JSON.stringify(planSchema)), planSchema);
});
