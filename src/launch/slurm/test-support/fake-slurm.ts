import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { TestContext } from "node:test";

/** Programs called like Slurm's, for tests of what no real cluster would say when it is asked to. */
export interface FakeSlurm {
  /** For the test's own files. */
  readonly directory: string;
  /** An environment in which they are found. */
  readonly env: NodeJS.ProcessEnv;
  /** Makes a program a bash script of these lines; `$DIR` is the directory. */
  program(name: string, script: string): void;
  /** What each call was given, a line each, `NAME ARGUMENTS`. */
  calls(): readonly string[];
}

/** A Slurm that knows job 12 by its state, a job of Penstock of which no node has told anything yet. */
export function makeJob(context: TestContext, state: string): FakeSlurm {
  const fake = makeFakeSlurm(context);
  const fields = `JobId=12 JobState=${state} Reason=Resources Command=$DIR/penstock.sbatch`;
  fake.program("scontrol", `echo "${fields}"`);
  const plan = { version: 1, nodes: [{ index: 0, processes: [] }] };
  writeFileSync(join(fake.directory, "plan.json"), JSON.stringify(plan));
  return fake;
}

export function makeFakeSlurm(context: TestContext): FakeSlurm {
  const directory = mkdtempSync(join(tmpdir(), "penstock-fake-slurm-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const bin = join(directory, "bin");
  mkdirSync(bin);
  const log = join(directory, "calls");
  writeFileSync(log, "");
  return {
    directory,
    env: {
      ...process.env,
      PATH: `${bin}${delimiter}${process.env["PATH"]}`,
      XDG_STATE_HOME: directory,
    },
    program(name, script) {
      const head = `#!/usr/bin/env bash\nDIR='${directory}'\necho "${name} $*" >> '${log}'\n`;
      writeFileSync(join(bin, name), `${head}${script}\n`);
      chmodSync(join(bin, name), 0o755);
    },
    calls: () => readFileSync(log, "utf8").split("\n").slice(0, -1),
  };
}
