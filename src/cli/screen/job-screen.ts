import { describeStage, jobFiles, type JobSnapshot, jobView } from "../../launch/mod.ts";
import type { Plan } from "../../plan/mod.ts";
import type { ClientAccess } from "./example-request.ts";
import { createProgressView, type ProgressView, type Screen } from "./progress-view.ts";
import { readyScreen } from "./ready-screen.ts";

export interface JobScreenOptions {
  readonly jobId: string;
  readonly plan: Plan;
  readonly outputDirectory: string;
  readonly access: ClientAccess;
  readonly progressScreen: Screen;
  readonly tell: (line: string) => unknown;
  readonly print: (text: string) => unknown;
  /** What Ctrl-C does, in words. */
  readonly onCtrlC: string;
}

/** What `serve` shows of a job: its stage whenever that changes, how far its processes are, and that it is ready. */
export class JobScreen {
  readonly #options: JobScreenOptions;
  #progress: ProgressView;
  #stage = "";
  #trouble: string | undefined;
  #restartCount = 0;
  #isReady = false;

  constructor(options: JobScreenOptions) {
    this.#options = options;
    this.#progress = createProgressView(options.progressScreen);
  }

  show(snapshot: JobSnapshot): void {
    const { facts, trouble } = snapshot;
    const { tell } = this.#options;
    if (trouble !== this.#trouble && trouble !== undefined) tell(`${trouble}; it is asked again`);
    this.#trouble = trouble;
    if (facts === undefined || trouble !== undefined) return;
    if (facts.restartCount > this.#restartCount) this.#begin(facts.restartCount);
    const stage = describeStage(facts);
    if (stage !== this.#stage) tell(stage);
    this.#stage = stage;
    if (facts.stage === "running" || facts.stage === "ending") this.#showProcesses(snapshot);
  }

  /** A job that runs again is shown from the start. */
  #begin(restartCount: number): void {
    this.#options.tell(`Job ${this.#options.jobId} was put back into the queue`);
    this.#restartCount = restartCount;
    this.#isReady = false;
    this.#progress = createProgressView(this.#options.progressScreen);
  }

  #showProcesses({ report }: JobSnapshot): void {
    const { plan, jobId, outputDirectory, access, print, onCtrlC } = this.#options;
    const attempt = { jobId, restartCount: this.#restartCount };
    const { logDirectory } = jobFiles(outputDirectory, attempt);
    if (report.statuses.length > 0) this.#progress.update(jobView(plan, report, logDirectory));
    const { endpoints } = report;
    if (endpoints === undefined || this.#isReady) return;
    this.#isReady = true;
    const { client, ranks } = endpoints;
    const ready = { ...plan, endpoints: { ...plan.endpoints, client, ranks } };
    print(readyScreen({ id: jobId, plan: ready, logDirectory, access, onCtrlC }));
  }
}
