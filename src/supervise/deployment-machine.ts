import assert from "node:assert/strict";
import type { Ending } from "./process-spec.ts";

/**
 * The life of a deployment's processes as a pure state machine: events in, next state and actions out.
 *
 *     process     waiting → starting → ready → stopping → ended
 *     deployment  starting → ready → stopping → ended
 *
 * Starting follows `after` and waits for nobody. Stopping follows `after` too: the router, which ranks come
 * after, drains first, then the ranks end. Every wait of the stop has its end in {@linkcode stopTimes}.
 */
export interface DeploymentState {
  readonly phase: "starting" | "ready" | "stopping" | "ended";
  readonly processes: ReadonlyMap<string, ProcessState>;
  /** Why it stops or has stopped: the first reason, whatever followed from it. */
  readonly cause: Cause | undefined;
}

export interface ProcessState {
  readonly phase: "waiting" | "starting" | "ready" | "stopping" | "ended";
  readonly after: readonly string[];
}

export type Cause =
  | { readonly kind: "asked" }
  | { readonly kind: "ended"; readonly id: string; readonly ending: Ending }
  | { readonly kind: "not-ready"; readonly id: string };

export type StopTimer = "drain-over" | "grace-over" | "abandon";

export type DeploymentEvent =
  | { readonly kind: "begin" | "stop" | "stop-now" | StopTimer }
  | { readonly kind: "ready" | "ready-timeout"; readonly id: string }
  | { readonly kind: "ended"; readonly id: string; readonly ending: Ending };

export type Action =
  | { readonly kind: "start" | "terminate" | "kill"; readonly id: string }
  | { readonly kind: "set-timer"; readonly timer: StopTimer };

export interface Step {
  readonly state: DeploymentState;
  readonly actions: readonly Action[];
}

/** When, counted from the begin of a stop, those who come later are told to end, killed, and given up. */
export const stopTimes: Readonly<Record<StopTimer, number>> = {
  "drain-over": 2_000,
  "grace-over": 3_800,
  abandon: 4_600,
};

type Processes = Map<string, ProcessState>;

export function initialState(
  specs: readonly { readonly id: string; readonly after: readonly string[] }[],
): DeploymentState {
  const processes: Processes = new Map(
    specs.map(({ id, after }) => [id, { phase: "waiting", after }]),
  );
  assert.equal(processes.size, specs.length, "process ids are unique");
  for (const { after } of specs)
    for (const id of after) assert.ok(processes.has(id), `"${id}" is one of the processes`);
  return { phase: "starting", processes, cause: undefined };
}

/** The next state and what has to be done to get there. Events that come too late change nothing. */
export function step(state: DeploymentState, event: DeploymentEvent): Step {
  if (state.phase === "ended") return { state, actions: [] };
  switch (event.kind) {
    case "begin":
      return begin(state);
    case "ready":
      return markReady(state, event.id);
    case "ready-timeout":
      return isAlive(state, event.id) && !isStopping(state)
        ? beginStop(state, { kind: "not-ready", id: event.id })
        : { state, actions: [] };
    case "ended":
      return markEnded(state, event.id, event.ending);
    case "stop":
      return isStopping(state) ? { state, actions: [] } : beginStop(state, { kind: "asked" });
    case "stop-now":
      return stopNow(state);
    case "drain-over":
      return terminate(state, () => true);
    case "grace-over":
      return killAll(state);
    default:
      return { state: { ...state, phase: "ended" }, actions: [] };
  }
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
  if (state.processes.get(id)?.phase !== "starting") return { state, actions: [] };
  const processes = withPhase(state, id, "ready");
  const allReady = [...processes.values()].every(({ phase }) => phase === "ready");
  const phase = allReady && state.phase === "starting" ? "ready" : state.phase;
  return { state: { ...state, phase, processes }, actions: [] };
}

function markEnded(state: DeploymentState, id: string, ending: Ending): Step {
  if (!isAlive(state, id)) return { state, actions: [] };
  const next = { ...state, processes: withPhase(state, id, "ended") };
  if (!isStopping(state)) return beginStop(next, { kind: "ended", id, ending });
  return terminateDrained(next);
}

function beginStop(state: DeploymentState, cause: Cause): Step {
  const next = terminateDrained({ ...state, phase: "stopping", cause });
  const timers = Object.keys(stopTimes).map(
    (timer) => ({ kind: "set-timer", timer: timer as StopTimer }) as const,
  );
  return { state: next.state, actions: [...next.actions, ...timers] };
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
  const stop = isStopping(state) ? { state, actions: [] } : beginStop(state, { kind: "asked" });
  const kill = killAll(stop.state);
  return { state: kill.state, actions: [...stop.actions, ...kill.actions] };
}

function killAll(state: DeploymentState): Step {
  const ids = [...state.processes.keys()].filter((id) => isAlive(state, id));
  return { state, actions: ids.map((id) => ({ kind: "kill", id }) as const) };
}

function isStopping({ phase }: DeploymentState): boolean {
  return phase === "stopping" || phase === "ended";
}

function isAlive(state: DeploymentState, id: string): boolean {
  const phase = state.processes.get(id)?.phase;
  return phase === "starting" || phase === "ready" || phase === "stopping";
}

function withPhase(state: DeploymentState, id: string, phase: ProcessState["phase"]): Processes {
  return new Map(state.processes).set(id, { ...state.processes.get(id)!, phase });
}

function findId(processes: Processes, isMeant: (process: ProcessState) => boolean) {
  for (const [id, process] of processes) if (isMeant(process)) return id;
  return undefined;
}
