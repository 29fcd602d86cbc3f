import assert from "node:assert/strict";
import { test } from "node:test";
import { processesOf } from "../test-support/processes-of.ts";

const words = [
  "--slurm.partition=p",
  "--deployment.type=multi_node",
  "--deployment.num-replicas=2",
  "--kv-cache-offload.type=mooncake",
  "--kv-cache-offload.cpu.num-bytes=16777216",
];

test("storePart() makes one master for all replicas, and a client on every node", async () => {
  const processes = await processesOf(...words);
  const stores = [...processes.values()].filter(({ kind }) => kind === "store");
  assert.deepEqual(
    stores.map(({ id, replica, after }) => [id, replica, after]),
    [
      ["mooncake-master", 0, []],
      ["mooncake-client-0", 0, ["mooncake-master"]],
      ["mooncake-client-1", 0, []],
      ["mooncake-client-2", 1, []],
      ["mooncake-client-3", 1, []],
    ],
  );
  for (const { argv } of stores.slice(1))
    assert.ok(argv.includes("-master_server_address={node:0}:50051"));
});

test("storePart() tells every rank where the store of its node is", async () => {
  const processes = await processesOf(...words);
  const rank = processes.get("replica-1-engine-1-rank-0")!;
  assert.deepEqual(rank.after, ["mooncake-client-3"]);
  assert.equal(rank.env["MOONCAKE_CONFIG_PATH"], "/project/outputs/mooncake/node-3.json");
  assert.deepEqual(
    processes.get("mooncake-client-3")!.files.map(({ path }) => path),
    ["mooncake/node-3.json"],
  );
});

test("storePart() moves its ports where the configuration has taken them", async () => {
  const processes = await processesOf(...words, "--server.port=8080");
  const metadata = processes.get("mooncake-master")!.ports.map(({ port }) => port);
  assert.deepEqual(metadata, [50_051, 8081, 9003]);
  const moved = await processesOf(...words, "--deployment.backend-port=8080");
  assert.equal(moved.get("replica-0-engine-0-rank-0")!.ports[0]!.port, 8080);
});

test("storePart() starts nothing for blocks that stay beside their instance", async () => {
  const memory = "--kv-cache-offload.cpu.num-bytes=16777216";
  const processes = await processesOf("--engine=vllm", memory);
  assert.ok([...processes.values()].every(({ kind }) => kind !== "store"));
});
