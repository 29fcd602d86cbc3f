import { hostname } from "node:os";
import { join } from "node:path";
import { isPenstockError, PenstockError } from "../../../errors/mod.ts";
import { nodeAddress, type Plan, replaceNodeAddresses } from "../../../plan/mod.ts";
import type { DeploymentView } from "../../../supervise/mod.ts";
import { runNodes } from "../../node/run-nodes.ts";
import type { NodeRun } from "../../node/types.ts";
import { askPatiently } from "../commands/ask-patiently.ts";
import { cancelJob } from "../commands/cancel-job.ts";
import { leaveWithSlurm } from "../commands/leave-with-slurm.ts";
import { readKillWait } from "../commands/read-kill-wait.ts";
import { runTool } from "../commands/run-tool.ts";
import { describeCause, writeCauseFile } from "../files/cause-file.ts";
import { type JobNode, removeEndpoints } from "../files/endpoints-file.ts";
import { headNode, type JobFiles } from "../files/job-files.ts";
import type { NodeStatus } from "../files/node-status.ts";
import { leadJob } from "./lead-job.ts";
import { makeJobDirectories, mindsDirectory } from "./make-job-directories.ts";
import { nodeAddresses } from "./node-addresses.ts";
import { NodeLog } from "./node-log.ts";
import { openNodeReport, type ReportingNode } from "./node-report.ts";
import { removeOldJobs } from "./remove-old-jobs.ts";
import { readSlurmStep, type SlurmStep } from "./slurm-step.ts";

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
  /** URLs of this node's own ranks: a thousand nodes that name each other's fill the shared file system. */
  readonly ranks: readonly string[];
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
  #killWaitMs: Promise<number> | undefined;
  #run: NodeRun | undefined;
  #view: DeploymentView = { phase: "starting", processes: [] };
  /** When this node began to come down, for whatever reason. */
  #endingAtMs: number | undefined;

  /** @throws PenstockError SLURM_STEP_INVALID */
  constructor(options: JobNodeOptions) {
    this.#options = options;
    this.#step = readSlurmStep(options.env, options.plan.nodes.length);
  }

  /** Takes it down gently, and shortly before Slurm's SIGKILL at once. */
  stop(): void {
    if (this.#stopping.signal.aborted) return;
    this.#stopping.abort();
    this.#run?.stop();
    void this.#stopBeforeKill(Date.now());
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
    const files = await makeJobDirectories(this.#options.outputDirectory, this.#step, {
      node,
      sharedFs: this.#options.sharedFs,
    });
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

  async #stopBeforeKill(stoppedAtMs: number): Promise<void> {
    // Before it was asked for, nothing runs either.
    if (this.#killWaitMs === undefined) return;
    const endMs = stoppedAtMs + (await this.#killWaitMs) - killReserveMs;
    const leftMs = Math.max(stopMsMin, endMs - Date.now());
    setTimeout(() => this.#run?.stopNow(), leftMs).unref();
  }

  async #mind(files: JobFiles, log: NodeLog): Promise<void> {
    const { node, jobId } = this.#step;
    const nodes = await this.#askForNodes(log);
    if (nodes === undefined) return;
    const addresses = nodes.map(({ address }) => address);
    log.logger.info(`Node ${node} of job ${jobId}`, { address: addresses[node]! });
    if (mindsDirectory({ ...this.#options, node })) void this.#removeOldJobs(log);
    const given = this.#options.plan;
    const plan = replaceNodeAddresses(given, addresses);
    const ownRanks = given.endpoints.ranks.filter((url) => url.includes(nodeAddress(node)));
    const ranks = replaceNodeAddresses(ownRanks, addresses);
    // A job or run whose first node was lost could not remove them; the directory is this one's now.
    if (node === headNode) await this.#withdrawEndpoints(files, log);
    try {
      await this.#runHere({ plan, ranks, nodes, files, log });
    } finally {
      if (node === headNode) await this.#withdrawEndpoints(files, log, jobId);
    }
  }

  /** Undefined where it is told to stop meanwhile. */
  async #askForNodes({ logger }: NodeLog): Promise<readonly JobNode[] | undefined> {
    const { signal } = this.#stopping;
    const { nodeCount } = this.#step;
    const onRetry = (reason: string): void => logger.warning(`${reason}; it is asked again`);
    const ask = askPatiently(runTool, { nodeCount, signal, onRetry });
    this.#killWaitMs = readKillWait(ask);
    try {
      const nodes = await nodeAddresses(this.#step, { runTool: ask });
      return signal.aborted ? undefined : nodes;
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
  }

  /** Nothing waits for it. */
  async #removeOldJobs({ logger }: NodeLog): Promise<void> {
    try {
      await removeOldJobs(this.#options.outputDirectory, this.#step.jobId, { runTool });
    } catch (error) {
      // Old logs that stay hurt nobody; the next job tries again.
      logger.warning(`Cannot remove the logs of old jobs: ${(error as Error).message}`);
    }
  }

  async #withdrawEndpoints(
    { endpoints }: JobFiles,
    { logger }: NodeLog,
    jobId?: string,
  ): Promise<void> {
    try {
      await removeEndpoints(endpoints, jobId);
    } catch (error) {
      // The file names the job it belongs to, and the cause of the end counts more.
      logger.warning(`Cannot remove "${endpoints}": ${(error as Error).message}`);
    }
  }

  async #runHere(placed: Placed): Promise<void> {
    const { plan, files, log } = placed;
    const { node } = this.#step;
    // Its socket is there before any process, so that it goes with them when this one is killed.
    const report = await openNodeReport(this.#controlled(placed), files.status(node), log.logger);
    try {
      const run = await runNodes({
        plan,
        nodes: [node],
        outputDirectory: this.#options.outputDirectory,
        logDirectory: files.logDirectory,
        removedWhenKilled: report.socketPaths,
        onChange: (view) => {
          this.#take(view, log);
          report.changed();
        },
      });
      this.#run = run;
      if (this.#stopping.signal.aborted) run.stop();
      await this.#untilEnded(run, placed);
    } finally {
      this.#view = { ...this.#view, phase: "ended" };
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

  #controlled(placed: Placed): ReportingNode {
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
      restart: (id) => {
        const reason = "the node starts just now";
        if (this.#run === undefined)
          throw new PenstockError("PROCESS_NOT_RESTARTABLE", { id, reason });
        this.#run.restart(id);
      },
    };
  }

  #status({ plan, ranks, nodes, files }: Placed): Omit<NodeStatus, "writtenAtMs"> {
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
      endpoints: { client: plan.endpoints.client, ranks },
      adminSockets: plan.endpoints.admin
        .filter((socket) => socket.node === node)
        .map(({ path }) => path),
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
    const { node, jobId } = this.#step;
    const cause = describeCause(error, { node, timeMs: this.#endingAtMs ?? Date.now() });
    logger.fatal(cause.message, { code: cause.code });
    try {
      await writeCauseFile(files.cause(node), cause);
      if (!this.#options.sharedFs) await leaveWithSlurm(jobId, cause, runTool);
    } catch (problem) {
      // The job's log has the cause as well, and a full disk may be the cause itself.
      logger.warning(`Cannot leave the cause behind: ${(problem as Error).message}`);
    }
  }
}
