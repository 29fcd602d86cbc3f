import { setTimeout as sleep } from "node:timers/promises";
import { PenstockError } from "../../../errors/mod.ts";
import type { RunTool, ToolResult } from "./run-tool.ts";

/** Nodes of one job that may ask in one second. */
const nodesPerSecond = 100;
const spreadMsMax = 20_000;
const pausesMs: readonly number[] = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000];

export interface Patience {
  /** How many ask at the same time as this one. */
  readonly nodeCount: number;
  /** Ends the waiting with an AbortError. */
  readonly signal: AbortSignal;
  /** Hears why it asks again. */
  readonly onRetry: (reason: string) => void;
  /** In [0, 1); for tests. */
  readonly random?: () => number;
}

/**
 * Asks slurmctld with patience: all nodes of a job start at once, and each answer holds what Slurm knows of every node
 * of the cluster, so that each asks at a moment of its own. A slurmctld that is away is asked again for a minute.
 */
export function askPatiently(runTool: RunTool, patience: Patience): RunTool {
  const { nodeCount, signal, onRetry, random = Math.random } = patience;
  return async (argv, options) => {
    const spreadMs = Math.min(spreadMsMax, (nodeCount / nodesPerSecond) * 1_000);
    await sleep(random() * spreadMs, undefined, { signal });
    for (const pauseMs of pausesMs) {
      const answer = await tryOnce(() => runTool(argv, options));
      if (!(answer instanceof PenstockError)) return answer;
      onRetry(answer.message);
      await sleep(pauseMs * (0.5 + random() / 2), undefined, { signal });
    }
    return await runTool(argv, options);
  };
}

/** The error is one of a slurmctld that may answer later. */
async function tryOnce(run: () => Promise<ToolResult>): Promise<ToolResult | PenstockError> {
  try {
    const answer = await run();
    if (answer.exitCode === 0 || !isAway(answer.stderr)) return answer;
    const facts = { program: "scontrol", reason: answer.stderr.trim() };
    return new PenstockError("SLURM_TOOL_FAILED", facts);
  } catch (error) {
    if (error instanceof PenstockError && error.code === "SLURM_TOOL_FAILED") return error;
    throw error;
  }
}

/** Slurm's words (`slurm_strerror`) for a slurmctld that does not answer, or has too much to do. */
export function isAway(stderr: string): boolean {
  return /unable to contact|timed out|connection refused|communication|try again|backoff/i.test(
    stderr,
  );
}
