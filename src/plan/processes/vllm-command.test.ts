import assert from "node:assert/strict";
import { test } from "node:test";
import type { Inventory } from "../inventory.ts";
import { makePlan } from "../make-plan.ts";
import { configOf } from "../test-support/config-of.ts";
import { testInventory } from "../test-support/inventory.ts";
import type { PlannedProcess } from "../types.ts";

const known: Inventory = { ...testInventory, vllmVersion: "0.30.0", isMoe: true };

async function engines(
  words: readonly string[],
  inventory = known,
): Promise<readonly PlannedProcess[]> {
  const { nodes } = makePlan(await configOf("--engine=vllm", ...words), inventory);
  return nodes.flatMap(({ processes }) => processes.filter(({ kind }) => kind === "engine"));
}

function valueOf({ argv }: PlannedProcess, flag: string): string | undefined {
  const position = argv.indexOf(flag);
  return position === -1 ? undefined : argv[position + 1];
}

test("vllmCommand() makes ranks of a model with experts one group, with one endpoint each", async () => {
  const [first, second] = await engines(["--parallel.dp=2"]);
  assert.equal(valueOf(first!, "--data-parallel-rank"), "0");
  assert.equal(valueOf(second!, "--data-parallel-rank"), "1");
  assert.equal(valueOf(second!, "--port"), "8101");
});

test("vllmCommand() makes ranks of a dense model servers that know of nobody", async () => {
  const words = ["--parallel.dp=2", "--enable-expert-parallel"];
  for (const { argv } of await engines(words, { ...known, isMoe: false }))
    assert.deepEqual(
      argv.filter((word) => /data-parallel|expert|all2all/.test(word)),
      [],
    );
});

test("vllmCommand() shares an instance's memory for offloaded blocks among its ranks", async () => {
  const memory = ["--kv-cache-offload.cpu.num-bytes=1000"];
  for (const rank of await engines(["--parallel.dp=4", ...memory]))
    assert.match(valueOf(rank, "--kv-transfer-config")!, /"cpu_bytes_to_use":250[,}]/);
});

test("vllmCommand() lays a role's variables, arguments and backend over those of all", async () => {
  const [prefill, decode] = await engines([
    "--pd-disagg.prefill-gpu-ids=[0]",
    "--pd-disagg.decode-gpu-ids=[1]",
    "--enable-expert-parallel",
    '--env-vars={"A":"1","B":"1"}',
    '--pd-disagg.decode-env-vars={"B":"2"}',
    '--vllm-extra={"max_logprobs":5}',
    '--pd-disagg.prefill-vllm-extra={"max_logprobs":7}',
    "--pd-disagg.decode-all2all-backend=deepep_low_latency",
  ]);
  assert.deepEqual([prefill!.env["A"], prefill!.env["B"]], ["1", "1"]);
  assert.deepEqual([decode!.env["A"], decode!.env["B"]], ["1", "2"]);
  assert.equal(valueOf(prefill!, "--max-logprobs"), "7");
  assert.equal(valueOf(decode!, "--max-logprobs"), "5");
  assert.equal(valueOf(prefill!, "--all2all-backend"), "allgather_reducescatter");
  assert.equal(valueOf(decode!, "--all2all-backend"), "deepep_low_latency");
});

test("vllmCommand() gives each engine an id of its own where the configuration gives a prefix", async () => {
  const words = ["--pd-disagg.prefill-gpu-ids=[0,1]", "--kv-transfer.engine-id=run"];
  const ids = (await engines([...words, "--pd-disagg.decode-gpu-ids=[2]"])).map((rank) => {
    const config: unknown = JSON.parse(valueOf(rank, "--kv-transfer-config")!);
    return (config as { engine_id: string }).engine_id;
  });
  assert.equal(new Set(ids).size, 3);
  assert.ok(ids.every((id) => id.startsWith("run-")));
});

test("vllmCommand() needs the directory that it keeps its sockets in, one a rank", async () => {
  const ranks = await engines(["--parallel.dp=2"]);
  for (const { env, directories } of ranks)
    assert.deepEqual(directories, [env["VLLM_RPC_BASE_PATH"]]);
  assert.notDeepEqual(ranks[0]!.directories, ranks[1]!.directories);
});

test("vllmCommand() gives each prefill rank a bootstrap server of its own, which vllm-router asks", async () => {
  const flags = [
    "--slurm.partition=p",
    "--router.type=vllm-router",
    "--kv-transfer.kv-connector=MooncakeConnector",
    "--deployment.type=disaggregated",
    "--deployment.gpus-per-node=2",
  ];
  const { nodes } = makePlan(await configOf(...flags), known);
  const processes = nodes.flatMap((node) => node.processes);
  const prefill = processes.filter(({ role }) => role === "prefill");
  assert.deepEqual(
    prefill.map(({ env }) => env["VLLM_MOONCAKE_BOOTSTRAP_PORT"]),
    ["8998", "8999"],
  );
  assert.equal(valueOf(prefill[1]!, "--data-parallel-rank"), "1");
  const { argv } = processes.find(({ kind }) => kind === "router")!;
  const words = argv.slice(argv.indexOf("--kv-connector"), argv.indexOf("--decode")).join(" ");
  assert.equal(
    words,
    "--kv-connector mooncake --prefill http://{node:0}:8100 8998 --prefill http://{node:0}:8101 8999",
  );
});
