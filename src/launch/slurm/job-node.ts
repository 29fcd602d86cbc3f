import { hostname } from "node:os";
import { join } from "node:path";
import { isPenstockError, PenstockError } from "../../errors/mod.ts";
import { type Plan, replaceNodeAddresses } from "../../plan/mod.ts";
import type { DeploymentView } from "../../supervise/mod.ts";
import { runNodes } from "../node/run-nodes.ts";
import type { NodeRun } from "../node/types.ts";
import { cancelJob } from "./cancel-job.ts";
import { commentOfCause, describeCause, type NodeCause, writeCauseFile } from "./cause-file.ts";
import { removeEndpoints } from "./endpoints-file.ts";
import { fetchJob } from "./fetch-job.ts";
import { type JobFiles, makeJobDirectories } from "./job-files.ts";
import { readKillWait } from "./kill-wait.ts";
import { headNode, leadJob } from "./lead-job.ts";
import { type JobNode, nodeAddresses } from "./node-addresses.ts";
import { NodeLog } from "./node-log.ts";
import { openNodeReport, type ReportingNode } from "./node-report.ts";
import { runTool } from "./run-tool.ts";
import { readSlurmStep, type SlurmStep } from "./slurm-step.ts";
import type { NodeStatus } from "./status-writer.ts";

/** Time that is left before Slurm's SIGKILL when what still runs is ended at once. */
const killReserveMs = 2_000;
const stopMsMin = 500;

export interface JobNodeOptions {
  readonly plan: Plan;
  /** Absolute; on a file system that all nodes see, or at the same place of each node's own disk. */
  readonly outputDirectory: string;
  /** Whether whoever follows the job sees that directory. */
  readonly sharedFs: boolean;
  readonly env: NodeJS.ProcessEnv;
  /** Hears on the head node that everything is ready, and under which URLs. */
  readonly onReady: (clientUrls: readonly string[]) => void;
}

/** What of a running node is at hand once its addresses are known. */
interface Placed {
  readonly plan: Plan;
  readonly nodes: readonly JobNode[];
  readonly files: JobFiles;
  readonly log: NodeLog;
}

/** One node's part of a Slurm job: the processes that the Plan has for it, and its duties towards the job. */
export class JobNodeRun {
  readonly #options: JobNodeOptions;
  readonly #step: SlurmStep;
  readonly #startedAtMs = Date.now();
  readonly #stopping = new AbortController();
  readonly #ready = Promise.withResolvers<void>();
  #killWaitMs: number | undefined;
  #run: NodeRun | undefined;
  #view: DeploymentView = { phase: "starting", processes: [] };
  /** When this node began to come down, for whatever reason. */
  #endingAtMs: number | undefined;

  /** @throws PenstockError SLURM_STEP_INVALID */
  constructor(options: JobNodeOptions) {
    this.#options = options;
    this.#step = readSlurmStep(options.env, options.plan.nodes.length);
  }

  /** Tells this node's lines from the others' in the job's log. */
  get name(): string {
    return `node ${this.#step.node} (${hostname()})`;
  }

  /** Takes it down gently, and shortly before Slurm's SIGKILL at once. */
  stop(): void {
    if (this.#stopping.signal.aborted) return;
    this.#stopping.abort();
    this.#run?.stop();
    if (this.#killWaitMs === undefined) return;
    const leftMs = Math.max(stopMsMin, this.#killWaitMs - killReserveMs);
    setTimeout(() => this.#run?.stopNow(), leftMs).unref();
  }

  stopNow(): void {
    this.stop();
    this.#run?.stopNow();
  }

  /**
   * Starts this node's processes and minds them until they are told to stop.
   *
   * @throws PenstockError the cause of an end that nobody asked for; the node's cause file has it too
   */
  async carryOut(): Promise<void> {
    const { node } = this.#step;
    const files = await makeJobDirectories(this.#options.outputDirectory, this.#step, node);
    const log = new NodeLog(join(files.logDirectory, `node-${node}.log`), `node-${node}`);
    try {
      await this.#mind(files, log);
      log.logger.info("Ended as it was told to");
    } catch (error) {
      await this.#leaveCause(error, files, log);
      throw error;
    } finally {
      await log.close();
    }
  }

  async #mind(files: JobFiles, log: NodeLog): Promise<void> {
    const [nodes, killWaitMs] = await Promise.all([
      nodeAddresses(this.#step, { runTool }),
      readKillWait(runTool),
    ]);
    this.#killWaitMs = killWaitMs;
    const addresses = nodes.map(({ address }) => address);
    const { node, jobId } = this.#step;
    log.logger.info(`Node ${node} of job ${jobId}`, { addresses: addresses.join(" ") });
    if (this.#stopping.signal.aborted) return;
    const plan = replaceNodeAddresses(this.#options.plan, addresses);
    try {
      await this.#runHere({ plan, nodes, files, log });
    } finally {
      if (node === headNode) await this.#withdrawEndpoints(files, log);
    }
  }

  async #withdrawEndpoints({ endpoints }: JobFiles, { logger }: NodeLog): Promise<void> {
    try {
      await removeEndpoints(endpoints, this.#step.jobId);
    } catch (error) {
      // The file names the job it belongs to, and the cause of the end counts more.
      logger.warning(`Cannot remove "${endpoints}": ${(error as Error).message}`);
    }
  }

  async #runHere(placed: Placed): Promise<void> {
    const { plan, files, log } = placed;
    let changed = (): void => undefined;
    const run = await runNodes({
      plan,
      nodes: [this.#step.node],
      outputDirectory: this.#options.outputDirectory,
      logDirectory: files.logDirectory,
      onChange: (view) => {
        this.#take(view, log);
        changed();
      },
    });
    this.#run = run;
    if (this.#stopping.signal.aborted) run.stop();
    const controlled = this.#controlled(run, placed);
    const report = await openNodeReport(controlled, files.status(this.#step.node), log.logger);
    changed = () => report.changed();
    try {
      await this.#untilEnded(run, placed);
    } finally {
      await report.close();
    }
  }

  #take(view: DeploymentView, log: NodeLog): void {
    this.#view = view;
    log.show(view);
    if (view.phase === "ready") this.#ready.resolve();
    if (view.phase === "stopping" || view.phase === "ended") this.#endingAtMs ??= Date.now();
  }

  async #untilEnded(run: NodeRun, placed: Placed): Promise<void> {
    const over = new AbortController();
    const leading = this.#step.node === headNode ? this.#lead(run, placed, over.signal) : undefined;
    const cause = await run.ended;
    over.abort();
    const failure = (await leading) ?? cause;
    if (failure !== undefined && !this.#isEchoOfStop(failure)) throw failure;
  }

  /** Resolves with what kept the head node from its duty; then the node was told to stop. */
  async #lead(run: NodeRun, placed: Placed, signal: AbortSignal): Promise<unknown> {
    try {
      const ended = new Promise<never>((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
      });
      const ownReady = Promise.race([this.#ready.promise, ended]);
      const endpoints = await leadJob({ ...placed, attempt: this.#step, ownReady, signal });
      placed.log.logger.info("Everything is ready", { client: endpoints.client.join(" ") });
      this.#options.onReady(endpoints.client);
      return undefined;
    } catch (error) {
      if (signal.aborted || this.#stopping.signal.aborted) return undefined;
      run.stop();
      if (isPenstockError(error)) return error;
      const { logDirectory: directory } = placed.files;
      const facts = { directory, reason: (error as Error).message };
      return new PenstockError("OUTPUT_DIR_NOT_WRITABLE", facts, { cause: error });
    }
  }

  #controlled(run: NodeRun, placed: Placed): ReportingNode {
    const { log } = placed;
    const { jobId } = this.#step;
    // One node alone cannot stop: the others would wait for it. So the whole job does, and this node with it.
    const stop = async (): Promise<void> => {
      try {
        await cancelJob(jobId, runTool);
      } catch (error) {
        log.logger.warning(`Stops alone: ${(error as Error).message}`);
        this.stop();
      }
    };
    return {
      status: () => this.#status(placed),
      stop: () => void stop(),
      stopNow: () => void stop(),
      restart: (id) => run.restart(id),
    };
  }

  #status({ plan, nodes, files }: Placed): Omit<NodeStatus, "writtenAtMs"> {
    const { jobId, node } = this.#step;
    return {
      id: `job${jobId}-node${node}`,
      pid: process.pid,
      hostname: hostname(),
      startedAtMs: this.#startedAtMs,
      shape: plan.shape,
      engine: plan.engine,
      model: plan.model.name,
      outputDirectory: this.#options.outputDirectory,
      logDirectory: files.logDirectory,
      endpoints: plan.endpoints,
      slurm: { jobId, node },
      nodeName: nodes[node]!.hostname,
      penstockCommand: process.argv.slice(0, 2),
      view: this.#view,
    };
  }

  /** Where Slurm signals the whole process tree, a process may be gone before this one has heard of the signal. */
  #isEchoOfStop(error: unknown): boolean {
    if (!this.#stopping.signal.aborted || !isPenstockError(error)) return false;
    const { ending } = error.facts as { readonly ending?: unknown };
    return typeof ending === "string" && ending.endsWith("signal SIGTERM");
  }

  async #leaveCause(error: unknown, files: JobFiles, { logger }: NodeLog): Promise<void> {
    const { node } = this.#step;
    const cause = describeCause(error, { node, timeMs: this.#endingAtMs ?? Date.now() });
    logger.fatal(cause.message, { code: cause.code });
    try {
      await writeCauseFile(files.cause(node), cause);
      if (!this.#options.sharedFs) await this.#leaveWithSlurm(cause);
    } catch (problem) {
      // The job's log has the cause as well, and a full disk may be the cause itself.
      logger.warning(`Cannot leave the cause behind: ${(problem as Error).message}`);
    }
  }

  /** Keeps the cause where it outlives the job, unless another node was there first. */
  async #leaveWithSlurm(cause: NodeCause): Promise<void> {
    const { jobId } = this.#step;
    const facts = await fetchJob(jobId, runTool);
    if (facts?.cause !== undefined) return;
    const comment = `Comment=${commentOfCause(cause)}`;
    await runTool(["scontrol", "update", `JobId=${jobId}`, comment]);
  }
}
