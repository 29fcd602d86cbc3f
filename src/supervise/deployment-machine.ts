import assert from "node:assert/strict";
import type { Ending, RestartPolicy } from "./process-spec.ts";
import { countEnd } from "./restart-budget.ts";

/**
 * The life of a deployment's processes as a pure state machine: events in, next state and actions out. Times are
 * milliseconds of one clock and come in with the events that need them.
 *
 *     process     waiting → starting → ready → stopping → ended
 *                              ↑         ↓  by itself        a stop of the deployment never goes back
 *                              └─── restarting
 *     deployment  starting → ready → stopping → ended
 *
 * Starting follows `after` and waits for nobody. Stopping follows `after` too: the router, which ranks come
 * after, drains first, then the ranks end. Every wait of the stop has its end in {@linkcode stopTime}.
 * A process that was ready once is started again as its policy says, while the deployment stays what it is.
 */
export interface DeploymentState {
  readonly phase: "starting" | "ready" | "stopping" | "ended";
  readonly processes: ReadonlyMap<string, ProcessState>;
  /** Why it stops or has stopped: the first reason, whatever followed from it. */
  readonly cause: Cause | undefined;
}

export interface ProcessState {
  readonly phase: "waiting" | "starting" | "ready" | "restarting" | "stopping" | "ended";
  readonly after: readonly string[];
  readonly restart: RestartPolicy | null;
  readonly wasReady: boolean;
  /** Why this process alone is being stopped, to be started again: somebody asked, or it was not ready in time. */
  readonly replacing: "asked" | "not-ready" | undefined;
  /** Its ends that count, of the last window. */
  readonly endTimesMs: readonly number[];
  readonly restartCount: number;
}

/** What one process did that a deployment may end for. */
export type Failure =
  | { readonly kind: "ended"; readonly id: string; readonly ending: Ending }
  | { readonly kind: "not-ready"; readonly id: string };

export type Cause =
  | { readonly kind: "asked" }
  | Failure
  | {
      readonly kind: "ended-too-often";
      readonly id: string;
      readonly endCount: number;
      readonly windowMs: number;
      readonly last: Failure;
    };

export type StopTimer = "drain-over" | "grace-over" | "abandon";

export type DeploymentEvent =
  | { readonly kind: "begin" | "stop" | "stop-now" | StopTimer }
  | {
      /** "replace": somebody asks for a restart. The other two end waits that were set for one process. */
      readonly kind: "ready" | "ready-timeout" | "replace" | "replace-grace-over" | "wait-over";
      readonly id: string;
    }
  | {
      readonly kind: "ended";
      readonly id: string;
      readonly ending: Ending;
      readonly atMs: number;
    };

export type Action =
  | { readonly kind: "start" | "terminate" | "kill"; readonly id: string }
  /** Ends in "wait-over". */
  | { readonly kind: "wait"; readonly id: string; readonly waitMs: number; readonly last: Failure }
  /** Ends in "replace-grace-over", after the "grace-over" of {@linkcode stopTime}. */
  | { readonly kind: "set-replace-grace"; readonly id: string }
  | { readonly kind: "set-timer"; readonly timer: StopTimer };

export interface Step {
  readonly state: DeploymentState;
  readonly actions: readonly Action[];
}

/** When, counted from the begin of a stop, those who come later are told to end, killed, and given up. */
const stopTimes: Readonly<Record<StopTimer, number>> = {
  "drain-over": 2_000,
  "grace-over": 3_800,
  abandon: 4_600,
};

/** How long after a router has drained the ranks are told to end. */
const drainMarginMs = 500;

/** When a timer of a stop ends where somebody needs so long to drain: all of them move by what the first one does. */
export function stopTime(timer: StopTimer, drainMs = 0): number {
  return stopTimes[timer] + Math.max(0, drainMs + drainMarginMs - stopTimes["drain-over"]);
}

interface Spec {
  readonly id: string;
  readonly after: readonly string[];
  readonly restart: RestartPolicy | null;
}

type Processes = Map<string, ProcessState>;

export function initialState(specs: readonly Spec[]): DeploymentState {
  const processes: Processes = new Map(
    specs.map(({ id, after, restart }) => [
      id,
      {
        phase: "waiting",
        after,
        restart,
        wasReady: false,
        replacing: undefined,
        endTimesMs: [],
        restartCount: 0,
      },
    ]),
  );
  assert.equal(processes.size, specs.length, "process ids are unique");
  for (const { after } of specs)
    for (const id of after) assert.ok(processes.has(id), `"${id}" is one of the processes`);
  return { phase: "starting", processes, cause: undefined };
}

/** The next state and what has to be done to get there. Events that come too late change nothing. */
export function step(state: DeploymentState, event: DeploymentEvent): Step {
  if (state.phase === "ended") return unchanged(state);
  switch (event.kind) {
    case "begin":
      return begin(state);
    case "ready":
      return markReady(state, event.id);
    case "ready-timeout":
      return markLate(state, event.id);
    case "ended":
      return markEnded(state, event);
    case "wait-over":
      return state.processes.get(event.id)?.phase === "restarting"
        ? startAgain(state, event.id)
        : unchanged(state);
    case "replace":
      return replace(state, event.id);
    case "replace-grace-over":
      return killReplaced(state, event.id);
    case "stop":
      return isStopping(state) ? unchanged(state) : beginStop(state, { kind: "asked" });
    case "stop-now":
      return stopNow(state);
    default:
      return isStopping(state) ? takeStopTimer(state, event.kind) : unchanged(state);
  }
}

function takeStopTimer(state: DeploymentState, timer: StopTimer): Step {
  if (timer === "drain-over") return terminate(state, () => true);
  if (timer === "grace-over") return killAll(state);
  return { state: { ...state, phase: "ended" }, actions: [] };
}

/** Starts everything in the order of `after`. */
function begin(state: DeploymentState): Step {
  const processes: Processes = new Map(state.processes);
  const actions: Action[] = [];
  const isStartable = ({ phase, after }: ProcessState): boolean =>
    phase === "waiting" && after.every((id) => processes.get(id)!.phase !== "waiting");
  let next: string | undefined;
  while ((next = findId(processes, isStartable)) !== undefined) {
    processes.set(next, { ...processes.get(next)!, phase: "starting" });
    actions.push({ kind: "start", id: next });
  }
  assert.equal(actions.length, processes.size, 'no process comes "after" itself');
  return { state: { ...state, processes }, actions };
}

function markReady(state: DeploymentState, id: string): Step {
  if (state.processes.get(id)?.phase !== "starting") return unchanged(state);
  const next = change(state, id, { phase: "ready", wasReady: true });
  const allReady = [...next.processes.values()].every(({ phase }) => phase === "ready");
  const phase = allReady && state.phase === "starting" ? "ready" : state.phase;
  return { state: { ...next, phase }, actions: [] };
}

/** A process that was ready before and is late this time has to make room for its next start. */
function markLate(state: DeploymentState, id: string): Step {
  const process = state.processes.get(id);
  if (process?.phase !== "starting" || isStopping(state)) return unchanged(state);
  if (!isRestartable(process)) return beginStop(state, { kind: "not-ready", id });
  return stopToReplace(state, id, "not-ready");
}

function markEnded(
  state: DeploymentState,
  { id, ending, atMs }: Extract<DeploymentEvent, { kind: "ended" }>,
): Step {
  if (!isAlive(state, id)) return unchanged(state);
  if (isStopping(state)) return terminateDrained(change(state, id, { phase: "ended" }));
  const process = state.processes.get(id)!;
  if (process.replacing === "asked") return startAgain(state, id);
  const failure: Failure =
    process.replacing === "not-ready" ? { kind: "not-ready", id } : { kind: "ended", id, ending };
  if (isRestartable(process)) return spendBudget(state, failure, atMs);
  return beginStop(change(state, id, { phase: "ended" }), failure);
}

/** Waits for the next start of a process that has ended, or takes everything down when it ended too often. */
function spendBudget(state: DeploymentState, last: Failure, atMs: number): Step {
  const { id } = last;
  const { restart, endTimesMs: earlierMs } = state.processes.get(id)!;
  const { restartsMax, windowMs } = restart!;
  const { endTimesMs, waitMs } = countEnd(restart!, earlierMs, atMs);
  if (waitMs !== undefined) {
    const next = change(state, id, { phase: "restarting", replacing: undefined, endTimesMs });
    return { state: next, actions: [{ kind: "wait", id, waitMs, last }] };
  }
  const endCount = endTimesMs.length;
  const cause: Cause =
    restartsMax === 0 ? last : { kind: "ended-too-often", id, endCount, windowMs, last };
  return beginStop(change(state, id, { phase: "ended", endTimesMs }), cause);
}

function startAgain(state: DeploymentState, id: string): Step {
  const restartCount = state.processes.get(id)!.restartCount + 1;
  const next = change(state, id, { phase: "starting", replacing: undefined, restartCount });
  return { state: next, actions: [{ kind: "start", id }] };
}

/** What a person asks for is not counted: a wait is cut short, whatever runs is stopped gently. */
function replace(state: DeploymentState, id: string): Step {
  const process = state.processes.get(id);
  if (process === undefined || process.restart === null || isStopping(state))
    return unchanged(state);
  if (process.phase === "restarting") return startAgain(state, id);
  return process.phase === "starting" || process.phase === "ready"
    ? stopToReplace(state, id, "asked")
    : unchanged(state);
}

function stopToReplace(
  state: DeploymentState,
  id: string,
  replacing: ProcessState["replacing"],
): Step {
  return {
    state: change(state, id, { phase: "stopping", replacing }),
    actions: [
      { kind: "terminate", id },
      { kind: "set-replace-grace", id },
    ],
  };
}

function killReplaced(state: DeploymentState, id: string): Step {
  const process = state.processes.get(id);
  const isLate = process?.phase === "stopping" && process.replacing !== undefined;
  return { state, actions: isLate && !isStopping(state) ? [{ kind: "kill", id }] : [] };
}

function beginStop(state: DeploymentState, cause: Cause): Step {
  const next = terminateDrained({ ...withoutRestarts(state), phase: "stopping", cause });
  const timers = Object.keys(stopTimes).map(
    (timer) => ({ kind: "set-timer", timer: timer as StopTimer }) as const,
  );
  return { state: next.state, actions: [...next.actions, ...timers] };
}

/** Whoever only waits for its next start has ended. */
function withoutRestarts(state: DeploymentState): DeploymentState {
  const processes: Processes = new Map(state.processes);
  for (const [id, process] of processes)
    if (process.phase === "restarting") processes.set(id, { ...process, phase: "ended" });
  return { ...state, processes };
}

/** Ends those who need not wait for anybody any more; the deployment has ended with its last process. */
function terminateDrained(state: DeploymentState): Step {
  const hasEnded = (id: string): boolean => !isAlive(state, id);
  if ([...state.processes.keys()].every(hasEnded))
    return { state: { ...state, phase: "ended" }, actions: [] };
  return terminate(state, ({ after }) => after.every(hasEnded));
}

function terminate(state: DeploymentState, isMeant: (process: ProcessState) => boolean): Step {
  const processes: Processes = new Map(state.processes);
  const actions: Action[] = [];
  for (const [id, process] of state.processes) {
    if (process.phase !== "starting" && process.phase !== "ready") continue;
    if (!isMeant(process)) continue;
    processes.set(id, { ...process, phase: "stopping" });
    actions.push({ kind: "terminate", id });
  }
  return { state: { ...state, processes }, actions };
}

function stopNow(state: DeploymentState): Step {
  const stop = isStopping(state) ? unchanged(state) : beginStop(state, { kind: "asked" });
  const kill = killAll(stop.state);
  return { state: kill.state, actions: [...stop.actions, ...kill.actions] };
}

function killAll(state: DeploymentState): Step {
  const ids = [...state.processes.keys()].filter((id) => isAlive(state, id));
  return { state, actions: ids.map((id) => ({ kind: "kill", id }) as const) };
}

function unchanged(state: DeploymentState): Step {
  return { state, actions: [] };
}

function isStopping({ phase }: DeploymentState): boolean {
  return phase === "stopping" || phase === "ended";
}

function isRestartable({ restart, wasReady }: ProcessState): boolean {
  return restart !== null && wasReady;
}

function isAlive(state: DeploymentState, id: string): boolean {
  const phase = state.processes.get(id)?.phase;
  return phase === "starting" || phase === "ready" || phase === "stopping";
}

function change(
  state: DeploymentState,
  id: string,
  changes: Partial<ProcessState>,
): DeploymentState {
  const process = { ...state.processes.get(id)!, ...changes };
  return { ...state, processes: new Map(state.processes).set(id, process) };
}

function findId(processes: Processes, isMeant: (process: ProcessState) => boolean) {
  for (const [id, process] of processes) if (isMeant(process)) return id;
  return undefined;
}
