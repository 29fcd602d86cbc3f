import { spawn } from "node:child_process";
import { PenstockError } from "../../../../errors/mod.ts";
import type { LogEntry, LogRequest } from "../../../control/deployment-source.ts";
import { stepArguments } from "../../commands/step-arguments.ts";
import { BatchQueue } from "./batch-queue.ts";
import { TailParser } from "./tail-parser.ts";

/** Steps that one `penstock logs` may have on the job at a time. */
const nodesAtOnceMax = 64;

export interface RemoteLogFile {
  readonly id: string;
  readonly logFile: string;
  /** As Slurm calls the node. */
  readonly nodeName: string;
}

export interface RemoteLogsOptions extends LogRequest {
  readonly files: readonly RemoteLogFile[];
  readonly jobId: string;
}

/**
 * Log lines from the nodes' own disks, by one step of the job on each node concerned.
 *
 * @throws PenstockError SLURM_TOOL_FAILED, also for logs of too many nodes
 */
export async function* readRemoteLogs(
  options: RemoteLogsOptions,
): AsyncGenerator<readonly LogEntry[], void, undefined> {
  const byNode = Map.groupBy(options.files, ({ nodeName }) => nodeName);
  if (byNode.size > nodesAtOnceMax)
    throw new PenstockError("SLURM_TOOL_FAILED", {
      program: "srun",
      reason: `logs of ${byNode.size} nodes were asked for, and ${nodesAtOnceMax} at a time are read`,
    });
  const queue = new BatchQueue(byNode.size);
  const children = [...byNode].map(([nodeName, files]) =>
    tail(nodeName, files, { options, queue }),
  );
  const stop = (): void => {
    for (const child of children) child.kill("SIGTERM");
    queue.close();
  };
  options.signal.addEventListener("abort", stop, { once: true });
  if (options.signal.aborted) stop();
  try {
    yield* queue.batches();
  } finally {
    options.signal.removeEventListener("abort", stop);
    stop();
  }
}

interface Around {
  readonly options: RemoteLogsOptions;
  readonly queue: BatchQueue;
}

function tail(nodeName: string, files: readonly RemoteLogFile[], { options, queue }: Around) {
  const { jobId, lineCount, follow } = options;
  const [program, ...words] = stepArguments({ jobId, nodeCount: 1, hostname: nodeName });
  const follows = follow ? ["-F"] : [];
  const paths = files.map(({ logFile }) => logFile);
  const command = ["tail", "-v", "-n", String(lineCount), ...follows, "--", ...paths];
  const child = spawn(program!, [...words, ...command], { stdio: ["ignore", "pipe", "ignore"] });
  const parser = new TailParser(new Map(files.map(({ logFile, id }) => [logFile, id])));
  child.stdout.on("data", (chunk: Buffer) => {
    const entries = parser.push(chunk);
    if (entries.length === 0) return;
    if (!queue.push(entries)) {
      child.stdout.pause();
      queue.onDrain(() => child.stdout.resume());
    }
  });
  child.on("error", (error) => {
    const facts = { program: program!, reason: error.message };
    queue.finish(new PenstockError("SLURM_TOOL_FAILED", facts, { cause: error }));
  });
  child.on("close", () => queue.finish());
  return child;
}
