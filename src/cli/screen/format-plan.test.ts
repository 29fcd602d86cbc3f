import assert from "node:assert/strict";
import { test } from "node:test";
import { makePlan } from "../../plan/mod.ts";
import { configOfToml } from "../../plan/test-support/config-of.ts";
import { testInventory } from "../../plan/test-support/inventory.ts";
import { formatPlan } from "./format-plan.ts";

const eighteenNodes = `engine = "vllm"
vllm.version = "0.30.0"
model = "m"
parallel.tp = 8
[deployment]
type = "disaggregated"
num_prefill_nodes = 2
num_decode_nodes = 2
num_prefill_replicas = 2
num_replicas = 3
[slurm]
`;

async function planOf(toml: string) {
  return makePlan(await configOfToml(toml), { ...testInventory, isMoe: true });
}

test("formatPlan() draws eighteen nodes on one screen", async () => {
  assert.equal(
    formatPlan(await planOf(eighteenNodes)),
    `Disaggregated: m on vLLM, under Slurm
18 nodes · 144 GPUs · 3 replicas · 9 instances · 18 ranks
├─ replica 0  nodes 0-5 · clients http://{node:0}:8000
│  ├─ router-0  node 0 · http 8000
│  ├─ replica-0-prefill-0  nodes 0-1 · prefill · TP 8 × DP 2 · ranks meet at {node:0}:29550
│  │  ├─ node 0  ranks 0
│  │  │  └─ rank 0  GPUs 0-7 · http 8100 · kv-transfer 5600 · rpc 29550
│  │  └─ node 1  ranks 1
│  │     └─ rank 1  GPUs 0-7 · http 8100 · kv-transfer 5600
│  ├─ replica-0-prefill-1  like replica-0-prefill-0 · nodes 2-3
│  └─ replica-0-decode-0  nodes 4-5 · decode · TP 8 × DP 2 · ranks meet at {node:4}:29550
│     ├─ node 4  ranks 0
│     │  └─ rank 0  GPUs 0-7 · http 8100 · kv-transfer 5600 · rpc 29550
│     └─ node 5  ranks 1
│        └─ rank 1  GPUs 0-7 · http 8100 · kv-transfer 5600
└─ replica 1 … replica 2  2 like replica 0 · nodes 6-17
`,
  );
});

test("formatPlan() names every process and every port with all", async () => {
  const plan = await planOf(eighteenNodes);
  const text = formatPlan(plan, { all: true });
  assert.equal(text.match(/─ rank \d+ /g)?.length, 18);
  assert.equal(text.match(/─ router-\d /g)?.length, 3);
  assert.doesNotMatch(text, / like /);
});

test("formatPlan() keeps to the columns of a narrow terminal", async () => {
  const lines = formatPlan(await planOf(eighteenNodes), { columns: 60 }).split("\n");
  const tree = lines.filter((line) => /^[├│└ ]/.test(line));
  assert.ok(tree.length > 16);
  for (const line of tree) assert.ok(line.length <= 60, line);
});

test("formatPlan() keeps 1,024 nodes readable", async () => {
  const toml = `engine = "vllm"\nenable_expert_parallel = true\nparallel = { tp = 1, dp = 8192 }
deployment = { type = "multi_node", num_nodes = 1024 }\n[slurm]\n`;
  const text = formatPlan(await planOf(toml));
  assert.ok(text.split("\n").length < 20, text);
  assert.match(text, /node 2 … node 1023 {2}1022 like node 1 · ranks 16-8191/);
});

test("formatPlan() says what the planner warns of, and shows command lines on demand", async () => {
  const plan = await planOf("parallel.dp = 2");
  assert.match(formatPlan(plan), /^Note: engine "auto" takes the embedded engine/m);
  assert.doesNotMatch(formatPlan(plan), /--worker-urls/);
  assert.match(formatPlan(plan, { argv: true }), /--worker-urls http:\/\/127\.0\.0\.1:8101/);
});

test("formatPlan() knows the addresses of nodes on this machine, and still folds what is alike", async () => {
  const toml = `engine = "embedded"\ndeployment = { type = "disaggregated", num_replicas = 3 }\n`;
  const text = formatPlan(await planOf(toml));
  assert.match(text, /clients http:\/\/127\.0\.0\.1:8000/);
  assert.match(text, /replica 1 … replica 2 {2}2 like replica 0/);
  const slurm = formatPlan(await planOf(`${toml}[slurm]\n`));
  assert.match(slurm, /clients http:\/\/\{node:0\}:8000/);
});
