import { join } from "node:path";
import type { PenstockError } from "../errors/mod.ts";
import { type Child, startChild } from "./child.ts";
import { ChildOutput, type Progress } from "./child-output.ts";
import {
  type Action,
  type DeploymentEvent,
  type DeploymentState,
  initialState,
  step,
  type StopTimer,
  stopTimes,
} from "./deployment-machine.ts";
import type { DeploymentView } from "./deployment-view.ts";
import { describeFailure } from "./failure.ts";
import { pollHttp } from "./poll-http.ts";
import type { ProcessSpec } from "./process-spec.ts";

export interface SuperviseOptions {
  /** Exists; takes `<id>.log` of each process. */
  readonly logDirectory: string;
  /** Hears of every change, the first one included. */
  readonly onChange: (view: DeploymentView) => void;
}

interface Minded {
  readonly spec: ProcessSpec;
  readonly output: ChildOutput;
  /** Aborts the waiting for readiness. */
  readonly waiting: AbortController;
  child: Child | undefined;
  progress: Progress | undefined;
}

/** Starts processes, watches them and takes them down together: the shell around the pure state machine. */
export class Supervisor {
  readonly #options: SuperviseOptions;
  readonly #minded: ReadonlyMap<string, Minded>;
  readonly #timers = new Map<StopTimer, NodeJS.Timeout>();
  readonly #ended = Promise.withResolvers<PenstockError | undefined>();
  #state: DeploymentState;

  /** Starts the processes at once. */
  constructor(specs: readonly ProcessSpec[], options: SuperviseOptions) {
    this.#options = options;
    this.#state = initialState(specs);
    this.#minded = new Map(specs.map((spec) => [spec.id, this.#mind(spec)]));
    this.#take({ kind: "begin" });
  }

  /** Settles when no process is left: with the first cause, or undefined when it was asked to stop. */
  get ended(): Promise<PenstockError | undefined> {
    return this.#ended.promise;
  }

  /** Takes the deployment down gently, within the times of {@linkcode stopTimes}. */
  stop(): void {
    this.#take({ kind: "stop" });
  }

  /** Takes the deployment down at once. */
  stopNow(): void {
    this.#take({ kind: "stop-now" });
  }

  #mind(spec: ProcessSpec): Minded {
    const logFile = join(this.#options.logDirectory, `${spec.id}.log`);
    const minded: Minded = {
      spec,
      output: new ChildOutput(logFile, (progress) => {
        minded.progress = progress;
        this.#show();
      }),
      waiting: new AbortController(),
      child: undefined,
      progress: undefined,
    };
    return minded;
  }

  #take(event: DeploymentEvent): void {
    if (this.#state.phase === "ended") return;
    const { state, actions } = step(this.#state, event);
    this.#state = state;
    for (const action of actions) this.#carryOut(action);
    this.#show();
    if (this.#state.phase === "ended") this.#finish();
  }

  #carryOut(action: Action): void {
    if (action.kind === "set-timer") return this.#setTimer(action.timer);
    const minded = this.#minded.get(action.id)!;
    if (action.kind === "start") return this.#start(minded);
    minded.waiting.abort();
    if (action.kind === "terminate") minded.child?.terminate();
    else minded.child?.kill();
  }

  #start(minded: Minded): void {
    const { id } = minded.spec;
    minded.child = startChild(minded.spec, minded.output, (ending) => {
      minded.waiting.abort();
      this.#take({ kind: "ended", id, ending });
    });
    void this.#awaitReady(minded);
  }

  async #awaitReady({ spec, waiting }: Minded): Promise<void> {
    const { ready, id } = spec;
    const { signal } = waiting;
    const isReady =
      ready.kind === "started" ||
      ready.kind === "port" ||
      (await pollHttp(ready.url, { timeoutMs: ready.timeoutMs, signal }));
    // Not inside the constructor's own step: a process that only has to be started is ready one turn later.
    await Promise.resolve();
    if (!signal.aborted) this.#take({ kind: isReady ? "ready" : "ready-timeout", id });
  }

  #setTimer(timer: StopTimer): void {
    const take = (): void => this.#take({ kind: timer });
    this.#timers.set(timer, setTimeout(take, stopTimes[timer]));
  }

  #show(): void {
    const processes = [...this.#minded.values()].map(({ spec, child, progress, output }) => ({
      id: spec.id,
      phase: this.#state.processes.get(spec.id)!.phase,
      pid: child?.pid,
      progress,
      waitingFor: undefined,
      restartCount: 0,
      logFile: output.logFile,
    }));
    this.#options.onChange({ phase: this.#state.phase, processes });
  }

  #finish(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    for (const [id, { child, output, waiting }] of this.#minded) {
      waiting.abort();
      if (this.#state.processes.get(id)!.phase === "stopping") child?.abandon();
      output.close();
    }
    const { cause } = this.#state;
    if (cause === undefined || cause.kind === "asked") return this.#ended.resolve(undefined);
    const { spec, output } = this.#minded.get(cause.id)!;
    this.#ended.resolve(describeFailure(cause, spec, output));
  }
}
