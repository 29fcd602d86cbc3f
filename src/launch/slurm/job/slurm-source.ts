import { printable } from "../../../base/mod.ts";
import { PenstockError } from "../../../errors/mod.ts";
import type {
  DeploymentSource,
  LogEntry,
  LogRequest,
  SourceStatus,
} from "../../control/deployment-source.ts";
import { readLogsUntil } from "../../control/logs/read-logs-until.ts";
import { reasonOf } from "../commands/run-tool.ts";
import { stepArguments } from "../commands/step-arguments.ts";
import type { NodeStatus } from "../files/node-status.ts";
import { describeJob } from "./describe-job.ts";
import { readRemoteLogs } from "./logs/read-remote-logs.ts";
import { hasEnded, type JobSnapshot, type SlurmJob } from "./slurm-job.ts";

/** A step may wait behind others of the job; the command on the node itself ends at once. */
const restartTimeoutMs = 60_000;

/** A job of Slurm, as the commands see it. */
export class SlurmSource implements DeploymentSource {
  readonly name: string;
  readonly #job: SlurmJob;

  constructor(job: SlurmJob) {
    this.#job = job;
    this.name = `job ${job.options.jobId}`;
  }

  async status(): Promise<SourceStatus> {
    return this.#describe(await this.#job.snapshot());
  }

  async *watch(signal: AbortSignal): AsyncGenerator<SourceStatus, void, undefined> {
    for await (const snapshot of this.#job.snapshots(signal)) yield this.#describe(snapshot);
  }

  /** Slurm has one way to end a job: SIGTERM, and SIGKILL for what is left after KillWait. */
  async stop(): Promise<void> {
    await this.#job.cancel();
  }

  async restart(processId: string): Promise<void> {
    const { report } = await this.#job.snapshot();
    const ids = report.statuses.flatMap(({ view }) => view.processes.map(({ id }) => id));
    const node = report.statuses.find(({ view }) =>
      view.processes.some(({ id }) => id === processId),
    );
    if (node === undefined) throw new PenstockError("PROCESS_UNKNOWN", { id: processId, ids });
    await this.#runOn(node, ["restart", "--no-wait", processId]);
  }

  async *logs(request: LogRequest): AsyncGenerator<readonly LogEntry[], void, undefined> {
    const snapshot = await this.#job.snapshot();
    const { jobId, sharedFs } = this.#job.options;
    const files = snapshot.report.statuses.flatMap(({ nodeName, view }) =>
      view.processes
        .filter(({ id }) => request.processIds.includes(id))
        .map(({ id, logFile }) => ({ id, logFile, nodeName })),
    );
    const follow = request.follow && !hasEnded(snapshot);
    const awaitEnd = (signal: AbortSignal): Promise<void> => this.#awaitEnd(signal);
    if (sharedFs) yield* readLogsUntil({ ...request, follow, files, awaitEnd });
    else yield* readRemoteLogs({ ...request, files, jobId });
  }

  async #awaitEnd(signal: AbortSignal): Promise<void> {
    for await (const snapshot of this.#job.snapshots(signal)) if (hasEnded(snapshot)) return;
  }

  async #describe(snapshot: JobSnapshot): Promise<SourceStatus> {
    const isOver = hasEnded(snapshot);
    const cause = isOver ? await this.#job.cause(snapshot) : undefined;
    const { jobId, nodeCount } = this.#job.options;
    const notes = describeJob({ jobId, nodeCount, snapshot, cause, nowMs: Date.now() });
    const { statuses } = snapshot.report;
    return { parts: isOver ? statuses.map(ended) : statuses, notes, isOver };
  }

  /** Runs one of our own commands on a node, where the control socket is. */
  async #runOn(node: NodeStatus, words: readonly string[]): Promise<void> {
    const { jobId, nodeCount, runTool } = this.#job.options;
    const step = stepArguments({ jobId, nodeCount, hostname: node.nodeName });
    const command = [...node.penstockCommand, ...words, "--deployment", node.id];
    const answer = await runTool([...step, ...command], { timeoutMs: restartTimeoutMs });
    if (answer.exitCode === 0) return;
    const refused = /^penstock: (?<reason>.+)\n(?:.*\n)* {2}[A-Z][A-Z_]{3,}$/m.exec(
      answer.stderr,
    )?.groups;
    const reason = refused?.["reason"] ?? reasonOf(answer);
    throw new PenstockError("SLURM_TOOL_FAILED", { program: "srun", reason: printable(reason) });
  }
}

/** A node that was killed had no time to say that it ends. */
function ended(status: NodeStatus): NodeStatus {
  const processes = status.view.processes.map((process) => ({
    ...process,
    phase: "ended" as const,
    waitingFor: undefined,
  }));
  return { ...status, view: { phase: "ended", processes } };
}
