/** What holds of the Plan of every configuration that is accepted. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { z } from "zod";
import { type Config, toToml } from "../config/mod.ts";
import { isPenstockError } from "../errors/mod.ts";
import type { Inventory } from "./inventory.ts";
import { makePlan } from "./make-plan.ts";
import { planSchema } from "./plan-schema.ts";
import { configOf, configOfToml } from "./test-support/config-of.ts";
import { testInventory } from "./test-support/inventory.ts";
import type { Plan, PlannedProcess } from "./types.ts";

const count = (max: number) => fc.integer({ min: 1, max });
const tp = fc.constantFrom(1, 2, 4, 8);

const singleNode = fc
  .record({ tp, dp: count(8) })
  .map(({ tp, dp }) => [`--parallel.tp=${tp}`, `--parallel.dp=${dp}`]);
const multiNode = fc
  .record({ tp, dp: count(8), nodes: count(4), isWide: fc.boolean() })
  .map(({ tp, dp, nodes, isWide }) => [
    "--deployment.type=multi_node",
    `--deployment.num-nodes=${nodes}`,
    `--parallel.tp=${tp}`,
    `--parallel.dp=${isWide ? dp * nodes : dp}`,
    `--enable-expert-parallel=${isWide}`,
  ]);
const disaggregated = fc
  .record({ tp, nodes: fc.tuple(count(3), count(3)), instances: fc.tuple(count(3), count(3)) })
  .map(({ tp, nodes, instances }) => [
    "--deployment.type=disaggregated",
    `--parallel.tp=${tp}`,
    `--deployment.num-prefill-nodes=${nodes[0]}`,
    `--deployment.num-decode-nodes=${nodes[1]}`,
    `--deployment.num-prefill-replicas=${instances[0]}`,
    `--deployment.num-decode-replicas=${instances[1]}`,
  ]);
const pools = fc
  .record({ tps: fc.tuple(count(3), count(3)), workers: fc.tuple(count(3), count(3)) })
  .map(({ tps, workers }) => {
    const prefill = Array.from({ length: tps[0] * workers[0] }, (_, gpu) => gpu);
    const decode = Array.from({ length: tps[1] * workers[1] }, (_, gpu) => prefill.length + gpu);
    return [
      `--pd-disagg.prefill-gpu-ids=${JSON.stringify(prefill)}`,
      `--pd-disagg.decode-gpu-ids=${JSON.stringify(decode)}`,
      `--pd-disagg.prefill-tp=${tps[0]}`,
      `--pd-disagg.decode-tp=${tps[1]}`,
    ];
  });

const ports = fc
  .record({
    port: fc.constantFrom(8000, 8080, 5600, 29_550, 29_000, 9002, 50_051, 60_000),
    backendPort: fc.constantFrom("None", 8100, 5590, 29_540, 9000),
  })
  .map(({ port, backendPort }) => [
    `--server.port=${port}`,
    `--deployment.backend-port=${backendPort}`,
  ]);
const router = fc.constantFrom(
  [],
  ["--server.uds=p.sock"],
  ["--router.policy=sticky_least_loaded", "--router.threads=4", "--router.drain-timeout=9"],
  ["--router.type=vllm-router"],
  ["--router.type=vllm-router", "--router.policy=kv_aware"],
  ["--router.type=llm-d"],
);
const slurm = fc.constantFrom(["--slurm.partition=p"], []);
const store = fc.constantFrom(
  [],
  [],
  ["--kv-cache-offload.type=mooncake", "--kv-cache-offload.cpu.num-bytes=16777216"],
  ["--kv-cache-offload.type=native", "--kv-cache-offload.cpu.num-bytes=16777216"],
);
const connector = fc.constantFrom(
  [],
  ["--kv-transfer.kv-connector=MooncakeConnector"],
  ["--kv-transfer.kv-port=8100"],
);
const engine = fc
  .constantFrom("auto", "vllm", "vllm", "embedded")
  .map((name) => [`--engine=${name}`]);

const anyWords = fc
  .record({
    shape: fc.oneof(singleNode, multiNode, disaggregated, pools),
    rest: fc.tuple(ports, router, slurm, store, connector, engine),
    replicas: count(3),
  })
  .map(({ shape, rest, replicas }) => [
    ...shape,
    ...rest.flat(),
    `--deployment.num-replicas=${replicas}`,
  ]);
const anyInventory: fc.Arbitrary<Inventory> = fc
  .record({
    isMoe: fc.constantFrom(true, false, null),
    busyPorts: fc.subarray([5590, 5600, 8000, 8080, 8100, 8101, 8180, 29_000, 29_550]),
  })
  .map((facts) => ({ ...testInventory, ...facts }));

/** Undefined where the rules of the configuration refuse the words. */
async function accepted(words: readonly string[]): Promise<Config | undefined> {
  try {
    return await configOf(...words);
  } catch (error) {
    if (isPenstockError(error) && error.code === "CONFIG_INVALID") return undefined;
    throw error;
  }
}

/** Checks the Plans of configurations that are accepted, and that these are not too few. */
async function checkPlans(check: (plan: Plan, config: Config, inventory: Inventory) => unknown) {
  let plannedCount = 0;
  const property = fc.asyncProperty(anyWords, anyInventory, async (words, inventory) => {
    const config = await accepted(words);
    if (config === undefined) return;
    plannedCount++;
    await check(makePlan(config, inventory), config, inventory);
  });
  await fc.assert(property, { numRuns: 150 });
  assert.ok(plannedCount > 30, `only ${plannedCount} configurations were accepted`);
}

test("makePlan() gives no GPU and no port of a node to two processes", async () => {
  await checkPlans(({ nodes }) => {
    for (const { processes } of nodes) {
      assertUnique(processes.flatMap(({ gpus }) => gpus));
      const ports = processes.flatMap((process) => process.ports.map(({ port }) => port));
      assertUnique(ports);
      assert.ok(ports.every((port) => port >= 1 && port <= 65_535));
    }
  });
});

test("makePlan() passes over ports that others listen on, and moves none that the user has fixed", async () => {
  await checkPlans((plan, config, inventory) => {
    const undisturbed = makePlan(config, { ...inventory, busyPorts: [] });
    if (plan.launcher === "slurm") assert.deepEqual(plan, undisturbed);
    const { backend_port } = config.deployment;
    const kvPort = config.kv_transfer?.kv_port ?? null;
    for (const { index, processes } of plan.nodes) {
      const ports = processes.flatMap((process) =>
        process.ports.map((port) => ({ ...port, kind: process.kind })),
      );
      const fixed = ports.filter(
        ({ kind, purpose, flag }) =>
          (kind === "router" && purpose === "http") ||
          flag === "--deployment.backend-port" ||
          (flag === "--kv-transfer.kv-port" && kvPort !== null),
      );
      if (plan.launcher === "local")
        for (const { port, purpose } of ports.filter((one) => !fixed.includes(one)))
          assert.ok(!inventory.busyPorts.includes(port), `${purpose} ${port}`);
      for (const { port } of fixed.filter(({ kind }) => kind === "router"))
        assert.equal(port, config.server.port);
      const ranks = fixed.filter(({ flag }) => flag === "--deployment.backend-port");
      if (index === 0 && ranks.length > 0)
        assert.equal(Math.min(...ranks.map(({ port }) => port)), backend_port);
    }
  });
});

test("makePlan() keeps the ports of nodes apart that are all on this machine", async () => {
  await checkPlans(({ launcher, engine, nodes }) => {
    if (launcher !== "local" || engine !== "embedded") return;
    const ports = nodes
      .flatMap(({ processes }) => processes.flatMap((process) => process.ports))
      .map(({ host, port }) => ({ host, port, isEverywhere: host === "0.0.0.0" }));
    assertUnique(ports.map(({ host, port }) => `${host}:${port}`));
    const everywhere = new Set(ports.filter((one) => one.isEverywhere).map(({ port }) => port));
    for (const { port, isEverywhere } of ports) assert.ok(isEverywhere || !everywhere.has(port));
  });
});

test("makePlan() names every process once, and starts it after processes of its own node", async () => {
  await checkPlans(({ nodes }) => {
    assertUnique(nodes.flatMap(({ processes }) => processes.map(({ id }) => id)));
    for (const { processes } of nodes)
      for (const [index, { after }] of processes.entries()) {
        const earlier = new Set(processes.slice(0, index).map(({ id }) => id));
        assert.ok(after.every((id) => earlier.has(id)));
      }
  });
});

test("makePlan() puts every rank behind exactly one router, that of its replica", async () => {
  await checkPlans(({ nodes, endpoints }) => {
    const processes = nodes.flatMap((node) => node.processes);
    const routers = processes.filter(({ kind }) => kind === "router");
    assert.equal(routers.length, endpoints.client.length);
    for (const rank of processes.filter(({ kind }) => kind === "engine")) {
      const entry = entryOf(rank, processes);
      const behind = routers.filter((one) => targetsOf(one, processes).has(entry));
      assert.deepEqual(
        behind.map(({ replica }) => replica),
        [rank.replica],
        rank.id,
      );
    }
  });
});

test("makePlan() gives each of our routers an admin socket in a directory of its own", async () => {
  await checkPlans(({ nodes, endpoints }, { router }) => {
    const processes = nodes.flatMap((node) => node.processes);
    const routers = processes.filter(({ argv }) => argv.includes("--admin-uds"));
    assert.equal(routers.length, router.type === "penstock" ? endpoints.client.length : 0);
    assert.deepEqual(
      endpoints.admin.map(({ path }) => path),
      routers.map(({ argv }) => argv[argv.indexOf("--admin-uds") + 1]),
    );
    assertUnique(processes.flatMap(({ directories }) => directories));
    for (const { path } of endpoints.admin)
      assert.ok(routers.some(({ directories }) => path.startsWith(`${directories[0]}/`)));
  });
});

test("makePlan() gives vLLM the port that becomes the planned one when vLLM has added the rank", async () => {
  await checkPlans(({ nodes }) => {
    for (const { argv, env, ports } of nodes.flatMap(({ processes }) => processes)) {
      const base = env["VLLM_NIXL_SIDE_CHANNEL_PORT"];
      if (base === undefined) continue;
      const position = argv.indexOf("--data-parallel-rank");
      const rank = position === -1 ? 0 : Number(argv[position + 1]);
      const planned = ports.find(({ purpose }) => purpose === "kv-transfer");
      assert.equal(Number(base) + rank, planned?.port);
      assert.ok(Number(base) > 0);
    }
  });
});

test("makePlan() gives vLLM the base of the port that KV events become published on", async () => {
  await checkPlans(({ nodes }) => {
    for (const { argv, ports } of nodes.flatMap(({ processes }) => processes)) {
      const planned = ports.find(({ purpose }) => purpose === "events");
      const position = argv.indexOf("--kv-events-config");
      assert.equal(position === -1, planned === undefined);
      if (planned === undefined) continue;
      const base = /tcp:\/\/\*:(\d+)/.exec(argv[position + 1]!)?.[1];
      const rank = argv.indexOf("--data-parallel-rank");
      assert.equal(Number(base) + (rank === -1 ? 0 : Number(argv[rank + 1])), planned.port);
    }
  });
});

test("makePlan() gives frozen data that survives JSON and keeps its schema, the same each time", async () => {
  const schema = z.fromJSONSchema(planSchema);
  await checkPlans((plan, config, inventory) => {
    assert.ok(Object.isFrozen(plan.nodes[0]!.processes[0]!.argv));
    assert.deepEqual(JSON.parse(JSON.stringify(plan)), plan);
    assert.equal(schema.safeParse(plan).error, undefined);
    assert.deepEqual(makePlan(config, inventory), plan);
  });
});

test("makePlan() of a configuration that was written out is the same Plan", async () => {
  await checkPlans(async (plan, config, inventory) => {
    assert.deepEqual(makePlan(await configOfToml(toToml(config)), inventory), plan);
  });
});

function assertUnique(values: readonly unknown[]): void {
  assert.equal(new Set(values).size, values.length, JSON.stringify(values));
}

/** Where a router reaches the rank: the port of its sidecar where it has one. */
function entryOf(rank: PlannedProcess, processes: readonly PlannedProcess[]): string {
  const entry = processes.find(({ id }) => id === `${rank.id}-sidecar`) ?? rank;
  assert.ok(entry.ready.kind === "http" || entry.ready.kind === "model");
  return new URL(entry.ready.url.replace(/\{node:(\d+)\}/, "node-$1")).host;
}

/** The hosts and ports that a router sends to, by its words or by the file of its endpoint picker. */
function targetsOf(
  router: PlannedProcess,
  processes: readonly PlannedProcess[],
): ReadonlySet<string> {
  const picker = processes.find(({ id }) => id === `${router.id}-epp`);
  const text = (picker?.files.map(({ content }) => content) ?? router.argv).join("\n");
  const named = text.replaceAll(/\{node:(\d+)\}/g, "node-$1");
  const urls = [...named.matchAll(/http:\/\/([\w.-]+:\d+)/g)].map((match) => match[1]!);
  const endpoints = [...named.matchAll(/"address":\s*"([^"]+)",\s*"port":\s*"(\d+)"/g)];
  return new Set([...urls, ...endpoints.map((match) => `${match[1]}:${match[2]}`)]);
}
