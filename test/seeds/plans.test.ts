/**
 * What every configuration and command line of the documents that Penstock follows turns into: the Plan as
 * `penstock plan` draws it, with `--argv` once for each shape and feature, or why it is refused. The texts in plans/ were reviewed by hand. After a change that
 * is meant: `UPDATE_GOLDEN=1 npm test -- test/seeds/plans.test.ts`, then read the difference.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { formatPlan } from "../../src/cli/screen/format-plan.ts";
import { formatNotice, loadConfig } from "../../src/config/mod.ts";
import { isPenstockError } from "../../src/errors/mod.ts";
import { type Inventory, makePlan } from "../../src/plan/mod.ts";

const seeds = import.meta.dirname;
const golden = join(seeds, "plans");
const isUpdate = process.env["UPDATE_GOLDEN"] === "1";

const inventory: Inventory = {
  coreCount: 4,
  modelDirectory: "",
  penstockCommand: ["penstock"],
  workingDirectory: "/project",
  vllmVersion: "0.30.0",
  isMoe: null,
  busyPorts: [],
};

/** Models of the documents of which everybody knows that they are dense. */
const denseModels = ["meta-llama/Llama-3.1-70B-Instruct", "Qwen/Qwen3-0.6B", "Qwen/Qwen3-8B"];
/** The model of a configuration that names none, which Penstock brings along. */
const ownModel = "penstock/reverse-moe";

/** Command lines of the documents, after the name of the program. */
const commandLines: Readonly<Record<string, string>> = {
  "command-file": "@ slurm-single-node.toml",
  "command-keys": "--model.name Qwen/Qwen3-0.6B --model.max_model_len 2048 --model.enforce_eager",
  "command-file-and-keys": "@ vllm-names.toml --server.port 8001 --gpu-memory-utilization 0.5",
  "command-dry-run": "@ slurm-multi-node.toml --dry-run true",
  "command-overlay":
    "@ slurm-single-node.toml @ dry-run.toml --model.name Qwen/Qwen3-0.6B --model.max_model_len 2048 --model.enforce_eager --gpu-memory-utilization 0.5 --dry-run true",
  "command-rl": "@ pd-disagg-workers.toml",
};

/** Fixtures that the documents mean for a cluster, on one; there their command lines are looked at. */
const onSlurm = [
  "disaggregated",
  "disaggregated-instances",
  "eighteen-nodes",
  "multi-replica",
  "offload-mooncake",
  "role-env-vars",
  "router-llm-d",
  "router-round-robin",
  "wide-ep",
];

/** Fixtures that say what belongs to something larger, as part of it. */
const completed: Readonly<Record<string, string>> = {
  "expert-parallel-eight-gpus":
    "@ expert-parallel.toml --parallel.tp 2 --parallel.dp 4 --all2all-backend deepep_low_latency",
  "pd-disagg-fixed-ports-old-vllm": "@ pd-disagg-fixed-ports.toml --vllm.version 0.22.1",
};

const cases: ReadonlyMap<string, readonly string[]> = new Map([
  ...fixtures().map((file): [string, string[]] => [file, ["@", `${file}.toml`]]),
  ...onSlurm.map((file): [string, string[]] => [
    `${file}-slurm`,
    ["@", `${file}.toml`, "--slurm.partition", "cluster"],
  ]),
  ...Object.entries({ ...completed, ...commandLines }).map(([name, line]): [string, string[]] => [
    name,
    line.split(" "),
  ]),
]);

for (const [name, words] of cases)
  test(`${name} turns into the Plan that was reviewed`, async () => {
    const argv = !onSlurm.includes(name);
    const command = ["penstock plan", ...(argv ? ["--argv"] : []), ...words].join(" ");
    const text = `$ ${command}\n\n${await planText(words, argv)}`;
    const path = join(golden, `${name}.txt`);
    if (isUpdate) writeFileSync(path, text);
    assert.equal(text, readFileSync(path, "utf8"));
  });

test("no reviewed Plan is left of a case that is gone", () => {
  const names = readdirSync(golden).map((file) => file.replace(/\.txt$/, ""));
  assert.deepEqual(names.toSorted(), [...cases.keys()].toSorted());
});

function fixtures(): readonly string[] {
  return readdirSync(seeds)
    .filter((file) => file.endsWith(".toml"))
    .map((file) => file.replace(/\.toml$/, ""));
}

function hasExperts(model: string): boolean | null {
  if (model === ownModel) return true;
  return denseModels.includes(model) ? false : null;
}

async function planText(words: readonly string[], argv: boolean): Promise<string> {
  try {
    const { config, notices } = await loadConfig(words, (path) =>
      Promise.resolve(readFileSync(join(seeds, path), "utf8")),
    );
    const { name } = config.model;
    const plan = makePlan(config, { ...inventory, modelDirectory: name, isMoe: hasExperts(name) });
    const told = notices.map((notice) => `${formatNotice(notice)}\n`).join("");
    return `${told}${told === "" ? "" : "\n"}${formatPlan(plan, { argv })}`;
  } catch (error) {
    if (!isPenstockError(error)) throw error;
    return `${error.code}: ${error.message}\n`;
  }
}
