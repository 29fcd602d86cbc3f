import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makePlan } from "./make-plan.ts";
import { configOf } from "./test-support/config-of.ts";
import { testInventory as inventory } from "./test-support/inventory.ts";

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
  const [router] = plan.nodes[0]!.processes;
  assert.deepEqual(plan.endpoints, {
    client: ["http://127.0.0.1:9000"],
    ranks: ["http://127.0.0.1:9100", "http://127.0.0.1:9101"],
    admin: [{ node: 0, path: `${router!.directories[0]}/admin.sock` }],
  });
  assert.deepEqual(plan.model, {
    name: "penstock/reverse-moe",
    servedModelNames: ["penstock/reverse-moe"],
    source: "/models/m",
  });
});

test("makePlan() gives clients an https URL, and ranks none, where the router speaks TLS", async () => {
  const { endpoints } = makePlan(await configOf("--server.ssl-certfile", "c.pem"), inventory);
  assert.deepEqual(endpoints.client, ["https://127.0.0.1:8000"]);
  assert.deepEqual(endpoints.ranks, ["http://127.0.0.1:8100"]);
});

test("makePlan() names the Unix socket that clients use in place of a URL", async () => {
  const { endpoints } = makePlan(await configOf("--server.uds", "run/p.sock"), inventory);
  assert.deepEqual(endpoints.client, ["unix:/project/run/p.sock"]);
});

test("makePlan() knows of no admin socket of another router", async () => {
  const { endpoints } = makePlan(await configOf("--router.type", "vllm-router"), inventory);
  assert.deepEqual(endpoints.admin, []);
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
