/**
 * Lets shellcheck judge the batch scripts that Penstock writes: `npm run test:bash`. Takes the shellcheck on PATH, else
 * installs Debian's package (as root) into this machine.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { batchScript, type BatchScriptOptions } from "../src/plan/slurm/batch-script.ts";

const plain: BatchScriptOptions = {
  nodeCount: 18,
  gpusPerNode: 8,
  jobName: "my-inference",
  partition: "cluster",
  account: "team",
  time: "2-00:00:00",
  nodelist: "n[01-18]",
  exclude: "n[19,20]",
  outputDirectory: "/shared/outputs/my-inference",
  projectDirectory: "/home/me/project",
  preRunCommand: "module load cuda",
  planText: null,
  template: null,
  penstockCommand: ["/opt/node/bin/node", "/opt/penstock/bin/penstock.js"],
};
const hostile = "a b $(id) `id` \"$HOME\" '; exit 1; ' # ~ * ! é";
const scripts: readonly BatchScriptOptions[] = [
  plain,
  { ...plain, preRunCommand: null, gpusPerNode: 0, account: null, time: null },
  {
    ...plain,
    jobName: hostile,
    outputDirectory: `/${hostile}`,
    projectDirectory: `/${hostile}`,
    preRunCommand: `${hostile}\nexport A=1 \\`,
    penstockCommand: ["node", hostile],
  },
];

const carried = { ...plain, planText: JSON.stringify({ hostile }) };

if (!isInstalled()) install();
for (const options of [...scripts, carried]) judge(batchScript(options));
process.stdout.write(`shellcheck finds nothing in ${scripts.length + 1} batch scripts\n`);

function isInstalled(): boolean {
  return spawnSync("shellcheck", ["--version"]).error === undefined;
}

function install(): void {
  const options = { stdio: "inherit" } as const;
  spawnSync("apt-get", ["update", "-q"], options);
  spawnSync("apt-get", ["install", "-y", "-q", "--no-install-recommends", "shellcheck"], options);
  assert.ok(isInstalled(), "Cannot install shellcheck: install it and run the command again");
}

function judge(script: string): void {
  const judgement = spawnSync("shellcheck", ["--severity=style", "-"], {
    input: script,
    encoding: "utf8",
  });
  assert.equal(judgement.status, 0, `${judgement.stdout}\n${script}`);
}
