import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  type Action,
  type DeploymentEvent,
  type DeploymentState,
  initialState,
  step,
  stopTime,
} from "./deployment-machine.ts";

const specs = [
  { id: "router", after: [], restart: null },
  { id: "rank-0", after: ["router"], restart: null },
  { id: "rank-1", after: ["router"], restart: null },
];
const restart = { restartsMax: 2, windowMs: 10_000, firstWaitMs: 500, waitMsMax: 2_000 };
const restartable = specs.map((spec) => ({ ...spec, restart }));
const failed = { kind: "exit", exitCode: 1 } as const;

function play(
  events: readonly DeploymentEvent[],
  played: Parameters<typeof initialState>[0] = specs,
): { state: DeploymentState; actions: Action[] } {
  let state = initialState(played);
  const actions: Action[] = [];
  for (const event of events) {
    const next = step(state, event);
    ({ state } = next);
    actions.push(...next.actions);
  }
  return { state, actions };
}

function idsOf(actions: readonly Action[], kind: Action["kind"]): readonly string[] {
  return actions.flatMap((action) => (action.kind === kind && "id" in action ? [action.id] : []));
}

function ended(id: string, atMs = 0): DeploymentEvent {
  return { kind: "ended", id, ending: failed, atMs };
}

const begin: DeploymentEvent = { kind: "begin" };
const allReady: readonly DeploymentEvent[] = [
  begin,
  ...specs.map(({ id }) => ({ kind: "ready", id }) as const),
];

test("step() starts everything at once, in the order of after", () => {
  assert.deepEqual(idsOf(play([begin]).actions, "start"), ["router", "rank-0", "rank-1"]);
});

test("step() is ready with the last process", () => {
  assert.equal(play(allReady.slice(0, -1)).state.phase, "starting");
  assert.equal(play(allReady).state.phase, "ready");
});

test("step() lets the router drain before it ends the ranks", () => {
  const stopped = play([...allReady, { kind: "stop" }]);
  assert.deepEqual(idsOf(stopped.actions, "terminate"), ["router"]);
  const next = step(stopped.state, ended("router"));
  assert.deepEqual(idsOf(next.actions, "terminate"), ["rank-0", "rank-1"]);
});

test("step() ends the ranks when the router takes too long, and kills what is left", () => {
  const late = play([...allReady, { kind: "stop" }, { kind: "drain-over" }]);
  assert.deepEqual(idsOf(late.actions, "terminate"), ["router", "rank-0", "rank-1"]);
  assert.deepEqual(idsOf(step(late.state, { kind: "grace-over" }).actions, "kill"), [
    "router",
    "rank-0",
    "rank-1",
  ]);
  assert.equal(step(late.state, { kind: "abandon" }).state.phase, "ended");
});

test("step() keeps the first cause", () => {
  const { state } = play([...allReady, ended("rank-1"), ended("router"), { kind: "stop" }]);
  assert.deepEqual(state.cause, { kind: "ended", id: "rank-1", ending: failed });
});

test("step() kills everything at once when it is asked to", () => {
  const { actions, state } = play([...allReady, { kind: "stop-now" }]);
  assert.deepEqual(idsOf(actions, "kill"), ["router", "rank-0", "rank-1"]);
  assert.equal(state.phase, "stopping");
});

test("initialState() refuses ids that are not unique or not there", () => {
  assert.throws(() => initialState([...specs, specs[0]!]), /unique/);
  assert.throws(
    () => initialState([{ id: "a", after: ["b"], restart: null }]),
    /one of the processes/,
  );
  assert.throws(
    () => step(initialState([{ id: "a", after: ["a"], restart: null }]), begin),
    /after/,
  );
});

test("step() starts a process that was ready again, after waits that grow, while the deployment stays ready", () => {
  const first = play([...allReady, ended("rank-0", 1_000)], restartable);
  assert.equal(first.state.phase, "ready");
  assert.equal(first.state.processes.get("rank-0")!.phase, "restarting");
  const last = { kind: "ended", id: "rank-0", ending: failed } as const;
  assert.deepEqual(first.actions.at(-1), { kind: "wait", id: "rank-0", waitMs: 500, last });
  const again: readonly DeploymentEvent[] = [
    ...allReady,
    ended("rank-0", 1_000),
    { kind: "wait-over", id: "rank-0" },
    { kind: "ready", id: "rank-0" },
    ended("rank-0", 3_000),
  ];
  const second = play(again, restartable);
  assert.deepEqual(second.actions.at(-1), { kind: "wait", id: "rank-0", waitMs: 1_000, last });
  assert.equal(second.state.processes.get("rank-0")!.restartCount, 1);
});

test("step() takes everything down when a process ends too often, and says how often", () => {
  const cycle: readonly DeploymentEvent[] = [1, 2, 3].flatMap((atMs) => [
    ended("rank-0", atMs),
    { kind: "wait-over", id: "rank-0" } as const,
  ]);
  const { state, actions } = play([...allReady, ...cycle], restartable);
  assert.equal(state.phase, "stopping");
  const last = { kind: "ended", id: "rank-0", ending: failed } as const;
  const often = { id: "rank-0", endCount: 3, windowMs: 10_000, last } as const;
  assert.deepEqual(state.cause, { kind: "ended-too-often", ...often });
  assert.equal(idsOf(actions, "wait").length, 2);
});

test("step() does not start a process again that was never ready, nor one without a policy", () => {
  const never = play([begin, ended("rank-0")], restartable);
  assert.deepEqual(never.state.cause, { kind: "ended", id: "rank-0", ending: failed });
  const mixed = restartable.map((spec) =>
    spec.id === "rank-1" ? { ...spec, restart: null } : spec,
  );
  assert.equal(play([...allReady, ended("rank-1")], mixed).state.phase, "stopping");
  const none = restartable.map((spec) => ({ ...spec, restart: { ...restart, restartsMax: 0 } }));
  assert.equal(play([...allReady, ended("rank-1")], none).state.cause?.kind, "ended");
});

test("step() counts a process that is late when it comes back, after it has made room", () => {
  const late = play(
    [
      ...allReady,
      ended("rank-0", 1),
      { kind: "wait-over", id: "rank-0" },
      { kind: "ready-timeout", id: "rank-0" },
    ],
    restartable,
  );
  assert.deepEqual(late.actions.slice(-2), [
    { kind: "terminate", id: "rank-0" },
    { kind: "set-replace-grace", id: "rank-0" },
  ]);
  const grace = step(late.state, { kind: "replace-grace-over", id: "rank-0" });
  assert.deepEqual(grace.actions, [{ kind: "kill", id: "rank-0" }]);
  const { actions, state } = step(late.state, ended("rank-0", 2));
  const last = { kind: "not-ready", id: "rank-0" } as const;
  assert.deepEqual(actions, [{ kind: "wait", id: "rank-0", waitMs: 1_000, last }]);
  assert.equal(state.phase, "ready");
});

test("step() replaces a process when somebody asks, at once and outside the budget", () => {
  let { state } = play(allReady, restartable);
  for (let round = 1; round <= 5; round++) {
    const asked = step(state, { kind: "replace", id: "rank-0" });
    assert.deepEqual(idsOf(asked.actions, "terminate"), ["rank-0"]);
    assert.deepEqual(step(asked.state, { kind: "replace", id: "rank-0" }).actions, []);
    const gone = step(asked.state, ended("rank-0", round));
    assert.deepEqual(gone.actions, [{ kind: "start", id: "rank-0" }]);
    ({ state } = step(gone.state, { kind: "ready", id: "rank-0" }));
    assert.equal(state.processes.get("rank-0")!.restartCount, round);
  }
  const waiting = step(state, ended("rank-0", 9));
  const asked = step(waiting.state, { kind: "replace", id: "rank-0" });
  assert.deepEqual(asked.actions, [{ kind: "start", id: "rank-0" }], "the wait is cut short");
});

test("step() replaces nothing that has no policy, and nothing while it stops", () => {
  assert.deepEqual(step(play(allReady).state, { kind: "replace", id: "rank-0" }).actions, []);
  const stopping = play([...allReady, { kind: "stop" }], restartable);
  assert.deepEqual(step(stopping.state, { kind: "replace", id: "rank-0" }).actions, []);
});

test("step() counts whoever waits for its next start as ended when the deployment stops", () => {
  const waiting = restartable.map(({ id }) => ended(id, 1));
  const { state } = play([...allReady, ...waiting, { kind: "stop" }], restartable);
  assert.equal(state.phase, "ended");
  const router = play([...allReady, ended("router", 1), { kind: "stop" }], restartable);
  assert.deepEqual(idsOf(router.actions, "terminate"), ["rank-0", "rank-1"]);
});

const id = fc.constantFrom(...specs.map((spec) => spec.id));
const anyEvent = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom("ready" as const, "wait-over" as const), id }),
  },
  fc.record({
    kind: fc.constantFrom(
      "ready-timeout" as const,
      "replace" as const,
      "replace-grace-over" as const,
    ),
    id,
  }),
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("ended" as const),
      id,
      ending: fc.constant(failed),
      atMs: fc.nat(30_000),
    }),
  },
  fc.record({ kind: fc.constantFrom("stop" as const, "stop-now" as const) }),
  fc.record({ kind: fc.constantFrom("drain-over" as const, "grace-over" as const) }),
);
const run = fc.record({
  events: fc.array(anyEvent, { maxLength: 40 }).map(inOrderOfTime),
  played: fc.constantFrom(specs, restartable, [specs[0]!, ...restartable.slice(1)]),
});

function inOrderOfTime(events: readonly DeploymentEvent[]): readonly DeploymentEvent[] {
  const timesMs = events
    .flatMap((event) => (event.kind === "ended" ? [event.atMs] : []))
    .toSorted((a, b) => b - a);
  return events.map((event) =>
    event.kind === "ended" ? { ...event, atMs: timesMs.pop()! } : event,
  );
}

test("step() ends with the last process, whatever happens in whatever order", () => {
  fc.assert(
    fc.property(run, ({ events, played }) => {
      const { state, actions } = play([begin, ...events], played);
      const last = specs.map((spec) => ended(spec.id, 40_000));
      const end = play([begin, ...events, { kind: "stop" }, ...last], played);
      assert.equal(end.state.phase, "ended");
      assert.ok(actions.filter(({ kind }) => kind === "set-timer").length <= 3);
      const living = [...state.processes.values()].some(({ phase }) => phase !== "ended");
      assert.equal(state.phase === "ended", !living);
    }),
  );
});

test("step() starts nothing once a stop began, keeps its cause, and terminates nobody twice", () => {
  fc.assert(
    fc.property(run, ({ events, played }) => {
      let { state } = play([begin], played);
      let cause: DeploymentState["cause"];
      const terminated = new Set<string>();
      for (const event of events) {
        const wasStopping = state.phase === "stopping" || state.phase === "ended";
        const next = step(state, event);
        if (wasStopping) {
          assert.deepEqual(idsOf(next.actions, "start"), []);
          assert.deepEqual(idsOf(next.actions, "wait"), []);
          assert.deepEqual(next.state.cause, cause);
        }
        for (const action of next.actions) {
          if (action.kind === "start") terminated.delete(action.id);
          if (action.kind !== "terminate") continue;
          assert.ok(!terminated.has(action.id));
          terminated.add(action.id);
        }
        ({ state } = next);
        ({ cause } = state);
      }
    }),
  );
});

test("step() never has more waits of one process in a window than its budget", () => {
  fc.assert(
    fc.property(run, ({ events, played }) => {
      let { state } = play([begin], played);
      const waits: { id: string; atMs: number }[] = [];
      for (const event of events) {
        const next = step(state, event);
        for (const waiting of idsOf(next.actions, "wait"))
          waits.push({ id: waiting, atMs: event.kind === "ended" ? event.atMs : Number.NaN });
        ({ state } = next);
      }
      for (const { id: who, atMs } of waits) {
        const inWindow = waits.filter(
          (wait) => wait.id === who && wait.atMs <= atMs && wait.atMs > atMs - restart.windowMs,
        );
        assert.ok(inWindow.length <= restart.restartsMax);
      }
    }),
  );
});

test("stopTime() moves all timers of a stop by what a drain needs beyond the usual", () => {
  const timers = ["drain-over", "grace-over", "abandon"] as const;
  assert.deepEqual(
    timers.map((timer) => stopTime(timer)),
    [2_000, 3_800, 4_600],
  );
  assert.deepEqual(
    timers.map((timer) => stopTime(timer, 1_500)),
    [2_000, 3_800, 4_600],
  );
  assert.deepEqual(
    timers.map((timer) => stopTime(timer, 20_000)),
    [20_500, 22_300, 23_100],
  );
});
