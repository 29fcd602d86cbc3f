import { hostname } from "node:os";
import { dirname, resolve } from "node:path";
import { PenstockError } from "../../errors/mod.ts";
import { JobNodeRun, readPlanFile, readPlanStream } from "../../launch/mod.ts";
import type { Plan } from "../../plan/mod.ts";
import type { NodeFlags } from "../commands/node.ts";
import type { CliContext } from "../context.ts";
import { formatError } from "../screen/format-error.ts";
import { onStopSignals } from "./stop-signals.ts";

/**
 * Runs this node's part of a job until Slurm tells it to end, which ends well: the first cause of a job that comes
 * down is the node that fails, not those that Slurm stops for it.
 */
export async function runNode(this: CliContext, flags: NodeFlags): Promise<void> {
  const { stderr, env } = this.process;
  try {
    await carryOut(this, flags);
  } catch (error) {
    const node = env?.["SLURM_NODEID"];
    // Started by hand.
    if (node === undefined) throw error;
    // All nodes write to one log: each line says which node speaks.
    const lines = formatError(error)
      .replace(/^penstock: /, "")
      .split("\n");
    stderr.write(lines.map((line) => `penstock node ${node} (${hostname()}): ${line}\n`).join(""));
    this.process.exitCode = 1;
  }
}

async function carryOut(context: CliContext, flags: NodeFlags): Promise<void> {
  const { stdout, env } = context.process;
  const { plan, outputDirectory } = await readPlan(context, flags);
  const node = new JobNodeRun({
    plan,
    outputDirectory,
    sharedFs: flags.plan !== "-",
    env: env ?? {},
    onReady: (urls) => stdout.write(readyLines(urls)),
  });
  const removeListeners = onStopSignals(node);
  try {
    await node.carryOut();
  } finally {
    removeListeners();
  }
}

async function readPlan(
  { process: { stderr } }: CliContext,
  flags: NodeFlags,
): Promise<{ readonly plan: Plan; readonly outputDirectory: string }> {
  const { plan: file, outputDir } = flags;
  if (file !== "-") {
    const outputDirectory = resolve(outputDir ?? dirname(file));
    const path = resolve(file);
    // No error's beginning, as whoever explains the end of a job looks for that in the job's log.
    const onWaiting = (timeoutMs: number): unknown =>
      stderr.write(
        `Waiting up to ${timeoutMs / 1_000} s on ${hostname()} for "${path}", which is not there yet\n`,
      );
    return { plan: await readPlanFile(path, { onWaiting }), outputDirectory };
  }
  if (outputDir === undefined)
    throw new PenstockError("COMMAND_INVALID", {
      reason: 'expected --output-dir beside "--plan -", found none',
    });
  return { plan: await readPlanStream(process.stdin), outputDirectory: resolve(outputDir) };
}

function readyLines(urls: readonly string[]): string {
  return ["Penstock is ready", ...urls.map((url) => `  ${url}/v1`), ""].join("\n");
}
