import { join } from "node:path";
import { PenstockError } from "../errors/mod.ts";
import { Custodian } from "./custodian.ts";
import {
  type Action,
  type DeploymentEvent,
  type DeploymentState,
  initialState,
  step,
  type StopTimer,
  stopTime,
} from "./deployment-machine.ts";
import type { DeploymentView } from "./deployment-view.ts";
import { describeFailure } from "./failure.ts";
import { MindedProcess } from "./minded-process.ts";
import type { ProcessSpec } from "./process-spec.ts";

export interface SuperviseOptions {
  /** Exists; takes `<id>.log` of each process. */
  readonly logDirectory: string;
  /** Hears of every change, the first one included. */
  readonly onChange: (view: DeploymentView) => void;
  /** Removed with all that is in them when the supervisor is killed; otherwise they are the caller's to remove. */
  readonly directories?: readonly string[];
  /** Hears what does not stop the deployment and should be known. By default it goes to standard error. */
  readonly onWarning?: (message: string) => void;
}

const noKeeper =
  "Cannot run a keeper: it ended or could not be started, killing this process with SIGKILL would leave processes behind";

/** Starts processes, watches them and takes them down together: the shell around the pure state machine. */
export class Supervisor {
  readonly #options: SuperviseOptions;
  readonly #custodian: Custodian;
  readonly #minded: ReadonlyMap<string, MindedProcess>;
  readonly #timers = new Map<StopTimer, NodeJS.Timeout>();
  readonly #ended = Promise.withResolvers<PenstockError | undefined>();
  readonly #drainMsMax: number;
  #state: DeploymentState;

  /** Starts the processes at once. Throws a system error when a log file cannot be opened; then nothing is started. */
  constructor(specs: readonly ProcessSpec[], options: SuperviseOptions) {
    this.#options = options;
    this.#drainMsMax = Math.max(0, ...specs.map(({ drainMs = 0 }) => drainMs));
    this.#state = initialState(specs);
    this.#custodian = new Custodian(options.directories ?? [], () => this.#warn(noKeeper));
    try {
      this.#minded = new Map(specs.map((spec) => [spec.id, this.#mind(spec)]));
    } catch (error) {
      this.#custodian.close();
      throw error;
    }
    this.#take({ kind: "begin" });
  }

  /** Settles when no process is left: with the first cause, or undefined when it was asked to stop. */
  get ended(): Promise<PenstockError | undefined> {
    return this.#ended.promise;
  }

  view(): DeploymentView {
    const processes = [...this.#minded.values()].map((minded) =>
      minded.view(this.#state.processes.get(minded.spec.id)!),
    );
    return { phase: this.#state.phase, processes };
  }

  /** Takes the deployment down gently, within the times of {@linkcode stopTime}. */
  stop(): void {
    this.#take({ kind: "stop" });
  }

  /** Takes the deployment down at once. */
  stopNow(): void {
    this.#take({ kind: "stop-now" });
  }

  /**
   * Stops one process gently and starts it again, because somebody asks for it: that counts for no budget.
   *
   * @throws PenstockError PROCESS_UNKNOWN, PROCESS_NOT_RESTARTABLE
   */
  restart(id: string): void {
    const minded = this.#minded.get(id);
    if (minded === undefined) {
      const ids = [...this.#minded.keys()];
      throw new PenstockError("PROCESS_UNKNOWN", { id, ids });
    }
    const { phase } = this.#state;
    if (phase === "stopping" || phase === "ended")
      throw new PenstockError("PROCESS_NOT_RESTARTABLE", {
        id,
        reason: `the deployment is ${phase}`,
      });
    if (minded.spec.restart === null) {
      const reason = "it cannot come back without the processes that work with it";
      throw new PenstockError("PROCESS_NOT_RESTARTABLE", { id, reason });
    }
    this.#take({ kind: "replace", id });
  }

  #mind(spec: ProcessSpec): MindedProcess {
    const logFile = join(this.#options.logDirectory, `${spec.id}.log`);
    return new MindedProcess(spec, {
      logFile,
      custodian: this.#custodian,
      take: (event) => this.#take(event),
      show: () => this.#show(),
      onLoss: (reason) =>
        this.#warn(`Cannot write to the log "${logFile}": ${reason}, what does not fit is dropped`),
    });
  }

  #take(event: DeploymentEvent): void {
    if (this.#state.phase === "ended") return;
    const { state, actions } = step(this.#state, event);
    this.#state = state;
    if (event.kind === "ready" || actions.some(isEnd)) this.#custodian.look();
    for (const action of actions)
      if (action.kind === "set-timer") this.#setTimer(action.timer);
      else this.#minded.get(action.id)!.carryOut(action);
    this.#show();
    if (this.#state.phase === "ended") this.#finish();
  }

  #setTimer(timer: StopTimer): void {
    const take = (): void => this.#take({ kind: timer });
    this.#timers.set(timer, setTimeout(take, stopTime(timer, this.#drainMsMax)));
  }

  #show(): void {
    this.#options.onChange(this.view());
  }

  #warn(message: string): void {
    const warn = this.#options.onWarning ?? ((text) => void process.stderr.write(`${text}\n`));
    warn(message);
  }

  #finish(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    for (const minded of this.#minded.values()) minded.close();
    this.#custodian.close();
    const { cause } = this.#state;
    if (cause === undefined || cause.kind === "asked") return this.#ended.resolve(undefined);
    const { spec, output } = this.#minded.get(cause.id)!;
    this.#ended.resolve(describeFailure(cause, spec, output));
  }
}

/** What a process uses is seen only while it lives. */
function isEnd({ kind }: Action): boolean {
  return kind === "terminate" || kind === "kill";
}
