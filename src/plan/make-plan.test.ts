import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import * as fc from "fast-check";
import { makePlan } from "./make-plan.ts";
import { configOf } from "./test-support/config-of.ts";
import { testInventory as inventory } from "./test-support/inventory.ts";
import type { Plan } from "./types.ts";

const examples = join(import.meta.dirname, "..", "..", "examples");

test("makePlan() plans a router and, after it, the ranks", async () => {
  const plan = makePlan(await configOf("--parallel.dp", "2", "--server.port", "9000"), inventory);
  assert.deepEqual(
    plan.nodes[0]!.processes.map(({ id, kind, after }) => [id, kind, after]),
    [
      ["router-0", "router", []],
      ["rank-0", "engine", ["router-0"]],
      ["rank-1", "engine", ["router-0"]],
    ],
  );
  assert.deepEqual(plan.endpoints, {
    client: ["http://127.0.0.1:9000"],
    ranks: ["http://127.0.0.1:9100", "http://127.0.0.1:9101"],
  });
  assert.deepEqual(plan.model, {
    name: "penstock/reverse-moe",
    servedModelNames: ["penstock/reverse-moe"],
    source: "/models/m",
  });
});

test("makePlan() warns of more compute threads than cores, and says which engine it took", async () => {
  const warned = makePlan(await configOf("--parallel.dp", "8"), inventory);
  assert.match(warned.warnings.join("\n"), /8 ranks with 8 compute threads in all share 4 cores/);
  assert.match(warned.warnings.join("\n"), /takes the embedded engine/);
  const quiet = makePlan(await configOf("--engine", "embedded", "--parallel.dp", "4"), inventory);
  assert.deepEqual(quiet.warnings, []);
});

test("makePlan() plans every example", async () => {
  const files = readdirSync(examples).filter((name) => name.endsWith(".toml"));
  assert.ok(files.length >= 2);
  for (const file of files) {
    const plan = makePlan(await configOf("@", join(examples, file)), inventory);
    assert.ok(plan.endpoints.ranks.length > 0, file);
  }
});

test("makePlan() of examples/laptop.toml is the Plan of the defaults", async () => {
  const described = makePlan(await configOf("@", join(examples, "laptop.toml")), inventory);
  assert.deepEqual(described, makePlan(await configOf(), inventory));
});

const randomConfig = fc
  .record({
    port: fc.integer({ min: 1, max: 65_435 }),
    dp: fc.integer({ min: 1, max: 40 }),
    threads: fc.constantFrom("None", "1", "3"),
    name: fc.constantFrom("a", "b c", "ü"),
    policy: fc.constantFrom("round_robin", "consistent_hash"),
    host: fc.constantFrom("127.0.0.1", "0.0.0.0", "::1"),
  })
  .map(({ port, dp, ...rest }) => ({ ...rest, dp, port: Math.min(port, 65_535 - 99 - dp) }));

test("makePlan() gives unique ids, ports apart, and every rank to exactly one router", async () => {
  await fc.assert(
    fc.asyncProperty(randomConfig, async ({ port, dp, threads, name, policy, host }) => {
      const config = await configOf(
        `--server.port=${port}`,
        `--server.host=${host}`,
        `--parallel.dp=${dp}`,
        `--embedded.threads=${threads}`,
        `--router.policy=${policy}`,
        `--model.name=${name}`,
      );
      checkInvariants(makePlan(config, inventory), dp);
    }),
  );
});

function checkInvariants(plan: Plan, rankCount: number): void {
  const processes = plan.nodes.flatMap((node) => node.processes);
  assert.equal(new Set(processes.map(({ id }) => id)).size, processes.length);
  const ports = processes.flatMap((process) => process.ports.map(({ port }) => port));
  assert.equal(new Set(ports).size, ports.length);
  assert.ok(ports.every((port) => port >= 1 && port <= 65_535));

  const routers = processes.filter(({ kind }) => kind === "router");
  const ranks = processes.filter(({ kind }) => kind === "engine");
  assert.equal(ranks.length, rankCount);
  for (const { ready } of ranks) {
    assert.ok(ready.kind === "http");
    const url = new URL(ready.url).origin;
    assert.equal(routers.filter(({ argv }) => argv.includes(url)).length, 1);
  }
  assert.ok(Object.isFrozen(plan.nodes[0]!.processes[0]!.argv));
  assert.deepEqual(JSON.parse(JSON.stringify(plan)), plan);
}
