import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, test } from "node:test";
import * as fc from "fast-check";
import { batchScript, type BatchScriptOptions } from "./batch-script.ts";

const directory = mkdtempSync(join(tmpdir(), "penstock-batch-"));
after(() => rmSync(directory, { recursive: true, force: true }));

const options: BatchScriptOptions = {
  nodeCount: 6,
  gpusPerNode: 8,
  jobName: "my-inference",
  partition: "cluster",
  account: "research",
  time: "1-12:00:00",
  nodelist: "n[01-06]",
  exclude: "n[07-08]",
  outputDirectory: "/shared/outputs/my-inference",
  projectDirectory: "/home/me/project",
  preRunCommand: null,
  planText: null,
  template: null,
  penstockCommand: ["/opt/node/bin/node", "/opt/penstock/bin/penstock.js"],
};

test("batchScript() asks for the nodes and starts one penstock on each", () => {
  assert.equal(
    batchScript(options),
    `#!/usr/bin/env bash
#SBATCH --job-name=my-inference
#SBATCH --partition=cluster
#SBATCH --account=research
#SBATCH --time=1-12:00:00
#SBATCH --nodelist=n[01-06]
#SBATCH --exclude=n[07-08]
#SBATCH --nodes=6
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=8
#SBATCH --exclusive
#SBATCH --mem=0
#SBATCH --output=/shared/outputs/my-inference/logs/job_%j.log

# What stands in single quotes is meant as it is.
# shellcheck disable=SC1003,SC2016
set -e
cd /home/me/project
if [[ -f .env ]]; then
  set -a
  # shellcheck source=/dev/null
  . ./.env
  set +a
fi

# One process on each node; it looks up its part of the Plan and minds it until the job ends.
exec srun --kill-on-bad-exit=1 --export=ALL --nodes=6 --ntasks=6 --ntasks-per-node=1 --cpu-bind=none /opt/node/bin/node /opt/penstock/bin/penstock.js node --plan /shared/outputs/my-inference/plan.json
`,
  );
});

test("batchScript() runs the user's command on each node before penstock, with its variables", () => {
  const preRunCommand = "export GREETING='a b'; module() { :; }\nmodule load cuda # last words";
  const script = batchScript({
    ...options,
    projectDirectory: directory,
    preRunCommand,
    penstockCommand: [process.execPath, "-p", "process.env.GREETING + process.argv.slice(1)"],
  });
  const { stdout, stderr } = runScript(script, 'while [[ $1 == --* ]]; do shift; done; exec "$@"');
  assert.equal(stdout, `a bnode,--plan,${options.outputDirectory}/plan.json\n`, stderr);
});

test("batchScript() stops before anything starts when the user's command fails", () => {
  const script = batchScript({ ...options, projectDirectory: directory, preRunCommand: "false" });
  const { status } = runScript(script, 'while [[ $1 == --* ]]; do shift; done; exec "$@"');
  assert.equal(status, 1);
});

test("batchScript() hands .env to the nodes", () => {
  const project = join(directory, "with env");
  mkdirSync(project);
  writeFileSync(join(project, ".env"), "TOKEN='s3cret $HOME'\n");
  const script = batchScript({ ...options, projectDirectory: project });
  assert.equal(runScript(script, 'printf %s "$TOKEN"').stdout, "s3cret $HOME");
});

test("batchScript() carries the Plan where nodes share no files, and writes its log where there is a directory", () => {
  const planText = JSON.stringify({ url: "{node:3}", text: "it's $HOME `id`\nPLAN\n" });
  const script = batchScript({
    ...options,
    planText,
    projectDirectory: directory,
    preRunCommand: "read -r _ || export SEEN=nothing",
  });
  assert.match(script, /^#SBATCH --output=\/tmp\/penstock_%j\.log$/m);
  const shown =
    'printf "%s " "${@: -4}"; while [[ $1 == --* ]]; do shift; done; "${@:1:4}" "$5" bash -c "echo \\$SEEN; cat"';
  assert.equal(
    runScript(script, shown).stdout,
    `--plan - --output-dir ${options.outputDirectory} nothing\n${planText}\n`,
  );
});

test("batchScript() fills the user's own template", () => {
  const text =
    "#!/bin/bash\n{{sbatch_lines}}\n#SBATCH --comment={{job_name}}\n{{environment}}\necho {{node_count}} {{gpus_per_node}} {{output_dir}} {{project_dir}}\n{{node_command}}\necho after\n";
  const outputDirectory = "/shared/it's";
  const template = { path: "job.sh", text };
  const change = { template, outputDirectory, projectDirectory: directory };
  const script = batchScript({ ...options, ...change });
  assert.match(script, /^#SBATCH --comment=my-inference$/m);
  const { stdout } = runScript(script, "echo srun");
  assert.equal(stdout, `6 8 ${outputDirectory} ${directory}\nsrun\nafter\n`);
});

const anyText = fc
  .string({ unit: "binary", minLength: 1, maxLength: 40 })
  .filter((text) => !text.includes("\0") && text.isWellFormed());
const shellText = fc.oneof(
  anyText,
  fc.constantFrom(
    "$(touch x)",
    "`id`",
    "'; rm -rf .; '",
    '"$HOME"',
    "a\nb",
    "\\",
    "-n",
    "~",
    "*",
    "!x",
    "#",
  ),
);
const pathText = anyText.filter((text) => !/[\\\p{Cc}]/u.test(text)).map((text) => `/${text}`);

test("batchScript() is a script that bash reads, and gives srun every value as it was", () => {
  const record = fc.record({
    outputDirectory: pathText,
    preRunCommand: shellText,
    word: shellText,
    jobName: pathText,
  });
  fc.assert(
    fc.property(record, ({ outputDirectory, preRunCommand, word, jobName }) => {
      const script = batchScript({
        ...options,
        jobName,
        outputDirectory,
        preRunCommand,
        projectDirectory: directory,
        penstockCommand: ["node", word],
      });
      assert.equal(spawnSync("bash", ["-n"], { input: script }).status, 0, script);
      const { stdout } = runScript(script, String.raw`printf '%s\0' "$@"`);
      const words = stdout.split("\0").slice(6, -1);
      assert.deepEqual(words.slice(0, 2), ["bash", "-ec"]);
      assert.deepEqual(words.slice(3), [
        "pre-run",
        preRunCommand,
        "node",
        word,
        "node",
        "--plan",
        `${outputDirectory}/plan.json`,
      ]);
    }),
    { numRuns: 60 },
  );
});

test("batchScript() has the node say that the user's own command failed on it", () => {
  const run = (preRunCommand: string) => {
    const script = batchScript({
      ...options,
      preRunCommand,
      projectDirectory: directory,
      penstockCommand: ["echo", "started with", "$X"],
    });
    const srun =
      'while [[ $1 == --* ]]; do shift; done; export SLURM_NODEID=3 SLURMD_NODENAME=x3; "$@"';
    const { status, stdout, stderr } = runScript(script, srun);
    return { status, stdout, said: stderr.split("\n").at(-2) };
  };
  const said = (code: number) =>
    `penstock node 3 (x3): slurm.pre_run_command ended with exit code ${code}`;
  assert.deepEqual(run("exit 7"), { status: 7, stdout: "", said: said(7) });
  assert.deepEqual(run("false"), { status: 1, stdout: "", said: said(1) });
  assert.equal(run("if [").said, said(2));
  const well = run("export X=1");
  assert.match(well.stdout, /^started with /);
  assert.deepEqual([well.status, well.said], [0, undefined]);
});

test("batchScript() keeps a user's value within its #SBATCH line", () => {
  fc.assert(
    fc.property(pathText, (jobName) => {
      const lines = batchScript({ ...options, jobName }).split("\n");
      assert.equal(unquoteSbatch(lines[1]!.slice("#SBATCH ".length)), `--job-name=${jobName}`);
    }),
  );
});

test("batchScript() refuses what neither sbatch nor a shell can be told", () => {
  const refused = [
    { jobName: "a\nb" },
    { jobName: "" },
    { partition: "\u007F" },
    { account: "x".repeat(9_000) },
    { projectDirectory: "/a\0b" },
    { outputDirectory: "/a\\b" },
  ];
  for (const change of refused)
    assert.throws(() => batchScript({ ...options, ...change }), {
      code: "SLURM_VALUE_NOT_WRITABLE",
    });
});

/** What sbatch makes of one option in a script, as Slurm's own reading of it goes. */
function unquoteSbatch(text: string): string {
  let option = "";
  let quote = "";
  for (let index = 0; index < text.length; index++) {
    const character = text[index]!;
    if (quote === "" && /\s/.test(character)) break;
    if (character === "\\") option += text[++index] ?? "";
    else if (quote === "" && character === "#") break;
    else if (character === quote) quote = "";
    else if (quote === "" && /["']/.test(character)) quote = character;
    else option += character;
  }
  return option;
}

/** Runs the script where `srun` is a bash script of one line. */
function runScript(script: string, srun: string) {
  const bin = join(directory, "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "srun"), `#!/usr/bin/env bash\n${srun}\n`);
  chmodSync(join(bin, "srun"), 0o755);
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env["PATH"]}` };
  return spawnSync("bash", { input: script, env, encoding: "utf8", timeout: 20_000 });
}
