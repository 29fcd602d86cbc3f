import { type Child, startChild } from "./child.ts";
import type { Custodian } from "./custodian.ts";
import {
  type Action,
  type DeploymentEvent,
  type ProcessState,
  stopTime,
} from "./deployment-machine.ts";
import type { ProcessView, Progress } from "./deployment-view.ts";
import { describeEnd } from "./failure.ts";
import { ChildOutput, type OutputListener } from "./logs/child-output.ts";
import type { Ending, ProcessSpec } from "./process-spec.ts";
import { awaitReady, describeReady } from "./ready/await-ready.ts";

export interface MindedOptions {
  readonly logFile: string;
  readonly custodian: Custodian;
  /** Hears what happens to the process. */
  readonly take: (event: DeploymentEvent) => void;
  /** Hears that something else in its view has changed. */
  readonly show: () => void;
  readonly onLoss: OutputListener["onLoss"];
}

/** One process of the deployment, from its first start to its last end: does what the state machine says. */
export class MindedProcess {
  readonly spec: ProcessSpec;
  readonly output: ChildOutput;
  readonly #options: MindedOptions;
  #child: Child | undefined;
  /** Aborts the waiting for readiness. */
  #waiting = new AbortController();
  /** Of the wait for the next start, or of the grace of a restart. */
  #timer: NodeJS.Timeout | undefined;
  #progress: Progress | undefined;
  #nextStart: string | undefined;

  /** Opens the log file; starts nothing. */
  constructor(spec: ProcessSpec, options: MindedOptions) {
    this.spec = spec;
    this.#options = options;
    this.output = new ChildOutput(options.logFile, {
      onProgress: (progress) => {
        this.#progress = progress;
        options.show();
      },
      onLoss: options.onLoss,
    });
  }

  carryOut(action: Exclude<Action, { kind: "set-timer" }>): void {
    if (action.kind === "start") this.#start();
    else if (action.kind === "terminate") this.#terminate();
    else if (action.kind === "kill") this.#kill();
    else if (action.kind === "wait") this.#wait(action);
    else this.#setTimer("replace-grace-over", stopTime("grace-over", this.spec.drainMs));
  }

  view({ phase, restartCount }: ProcessState): ProcessView {
    const isAway = phase === "restarting";
    return {
      id: this.spec.id,
      phase,
      pid: isAway ? undefined : this.#child?.pid,
      progress: isAway ? undefined : this.#progress,
      waitingFor: this.#describeWait(phase),
      restartCount,
      logFile: this.output.logFile,
    };
  }

  /** Lets go of whatever is left, also of a process that does not end. */
  close(): void {
    this.#stopWaiting();
    this.#child?.abandon();
    this.output.close();
  }

  #start(): void {
    const { spec } = this;
    const { custodian } = this.#options;
    clearTimeout(this.#timer);
    if (this.#child !== undefined) this.#beginAgain();
    const waiting = new AbortController();
    this.#waiting = waiting;
    const tree = custodian.plantTree();
    this.#child = startChild(spec, {
      output: this.output,
      tree,
      onEnded: (ending) => {
        custodian.clear(tree);
        this.#takeEnd(ending);
      },
    });
    if (this.#child.pid === undefined) return;
    custodian.tellOf(tree, this.#child.pid);
    void this.#awaitReady(waiting.signal);
  }

  #beginAgain(): void {
    const why = this.#nextStart ?? "was stopped to be started again";
    this.output.beginAgain(`${this.spec.id} ${why}; starts again at ${new Date().toISOString()}`);
    this.#progress = undefined;
    this.#nextStart = undefined;
  }

  async #awaitReady(signal: AbortSignal): Promise<void> {
    const isReady = await awaitReady(this.spec.ready, signal);
    if (signal.aborted) return;
    this.#options.take({ kind: isReady ? "ready" : "ready-timeout", id: this.spec.id });
  }

  #takeEnd(ending: Ending): void {
    this.#stopWaiting();
    this.#options.take({ kind: "ended", id: this.spec.id, ending, atMs: performance.now() });
  }

  #terminate(): void {
    this.#stopWaiting();
    this.#child?.terminate();
  }

  #kill(): void {
    this.#stopWaiting();
    this.#child?.kill();
  }

  #wait({ waitMs, last }: Extract<Action, { kind: "wait" }>): void {
    this.#nextStart = describeEnd(last, this.spec);
    this.#setTimer("wait-over", waitMs);
  }

  #setTimer(kind: "wait-over" | "replace-grace-over", afterMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#options.take({ kind, id: this.spec.id }), afterMs);
  }

  #stopWaiting(): void {
    clearTimeout(this.#timer);
    this.#waiting.abort();
  }

  #describeWait(phase: ProcessView["phase"]): string | undefined {
    if (phase === "starting") return describeReady(this.spec.ready);
    return phase === "restarting" ? `its next start, as it ${this.#nextStart}` : undefined;
  }
}
