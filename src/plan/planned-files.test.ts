import assert from "node:assert/strict";
import { test } from "node:test";
import { makePlan } from "./make-plan.ts";
import { howToRun, plannedFiles } from "./planned-files.ts";
import { configOf } from "./test-support/config-of.ts";
import { testInventory as inventory } from "./test-support/inventory.ts";

const scriptTemplate = "#!/bin/sh\n# {{job_name}}\n{{node_command}}\n";

async function planOf(...words: readonly string[]) {
  const config = await configOf(...words);
  const plan = makePlan(config, inventory);
  const files = plannedFiles(plan, {
    config,
    inventory,
    configText: "x = 1\n",
    scriptTemplate: (config.slurm?.template_path ?? null) === null ? undefined : scriptTemplate,
  });
  return { plan, files, contentOf: (path: string) => files.find((f) => f.path === path)?.content };
}

test("plannedFiles() holds configuration, Plan, batch script and the files of processes", async () => {
  const words = ["--slurm.partition=p", "--router.type=llm-d", "--parallel.tp=2"] as const;
  const { plan, files, contentOf } = await planOf(...words);
  assert.deepEqual(
    files.map(({ path }) => path),
    [
      "config.toml",
      "plan.json",
      "penstock.sbatch",
      "ray/serve.json",
      "router-0/epp.json",
      "router-0/endpoints.json",
      "router-0/envoy.json",
    ],
  );
  assert.equal(contentOf("config.toml"), "x = 1\n");
  assert.deepEqual(JSON.parse(contentOf("plan.json")!), plan);
});

test("plannedFiles() asks Slurm for the nodes and GPUs of the Plan, and for absolute paths", async () => {
  const { contentOf } = await planOf(
    "--slurm.partition=p",
    "--deployment.type=multi_node",
    "--deployment.num-nodes=3",
    "--deployment.gpus-per-node=4",
    "--parallel.tp=2",
    "--parallel.dp=2",
    "--output-dir=runs/a b",
  );
  const script = contentOf("penstock.sbatch")!;
  assert.match(script, /^#SBATCH --nodes=3$/m);
  assert.match(script, /^#SBATCH --gpus-per-node=4$/m);
  assert.match(script, /^#SBATCH --output="\/project\/runs\/a b\/logs\/job_%j\.log"$/m);
  assert.match(script, /^cd \/project$/m);
  assert.match(script, / --plan '\/project\/runs\/a b\/plan\.json'$/m);
});

test("plannedFiles() asks for the GPUs that numbers name, and for none where cores compute", async () => {
  const pools = await planOf(
    "--slurm.partition=p",
    "--pd-disagg.prefill-gpu-ids=[0,1]",
    "--pd-disagg.decode-gpu-ids=[5]",
  );
  assert.match(pools.contentOf("penstock.sbatch")!, /^#SBATCH --gpus-per-node=6$/m);
  const embedded = ["--slurm.partition=p", "--engine=embedded", "--deployment.type=multi_node"];
  const without = await planOf(...embedded);
  assert.doesNotMatch(without.contentOf("penstock.sbatch")!, /gpus-per-node/);
  const counted = await planOf(...embedded, "--deployment.gpus-per-node=2");
  assert.match(counted.contentOf("penstock.sbatch")!, /^#SBATCH --gpus-per-node=2$/m);
});

test("plannedFiles() writes the batch script from the user's template", async () => {
  const { contentOf } = await planOf("--slurm.template-path=job.sh", "--slurm.job-name=j");
  assert.match(contentOf("penstock.sbatch")!, /^#!\/bin\/sh\n# j\nsrun .* --plan \S+plan\.json\n$/);
});

test("plannedFiles() puts the Plan into the batch script where nodes share no files", async () => {
  const { plan, contentOf } = await planOf("--slurm.shared-fs=false");
  const script = contentOf("penstock.sbatch")!;
  const carried = / --plan - --output-dir \/project\/outputs <<'PLAN'\n(.*)\nPLAN\n$/.exec(
    script,
  )?.[1];
  assert.deepEqual(JSON.parse(carried!), plan);
});

test("plannedFiles() has no batch script without Slurm", async () => {
  const { files } = await planOf("--engine=vllm");
  assert.deepEqual(
    files.map(({ path }) => path),
    ["config.toml", "plan.json", "ray/serve.json"],
  );
});

test("howToRun() names the command, quoted", async () => {
  const { plan } = await planOf("--slurm.partition=p");
  assert.match(howToRun(plan, "/a b"), /takes 1 node:\n\n {2}sbatch '\/a b\/penstock\.sbatch'/);
  assert.doesNotMatch(howToRun(plan, "/a b"), /does not have/);
  const local = await planOf("--engine=vllm");
  assert.match(howToRun(local.plan, "/out"), /^ {2}penstock serve @ \/out\/config\.toml$/m);
});
