import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  type Action,
  type DeploymentEvent,
  type DeploymentState,
  initialState,
  step,
} from "./deployment-machine.ts";

const specs = [
  { id: "router", after: [] },
  { id: "rank-0", after: ["router"] },
  { id: "rank-1", after: ["router"] },
];
const failed = { kind: "exit", exitCode: 1 } as const;

function play(events: readonly DeploymentEvent[]): { state: DeploymentState; actions: Action[] } {
  let state = initialState(specs);
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
  const drained: DeploymentEvent = {
    kind: "ended",
    id: "router",
    ending: { kind: "exit", exitCode: 0 },
  };
  const next = step(stopped.state, drained);
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
  const { state } = play([
    ...allReady,
    { kind: "ended", id: "rank-1", ending: failed },
    { kind: "ended", id: "router", ending: failed },
    { kind: "stop" },
  ]);
  assert.deepEqual(state.cause, { kind: "ended", id: "rank-1", ending: failed });
});

test("step() kills everything at once when it is asked to", () => {
  const { actions, state } = play([...allReady, { kind: "stop-now" }]);
  assert.deepEqual(idsOf(actions, "kill"), ["router", "rank-0", "rank-1"]);
  assert.equal(state.phase, "stopping");
});

test("initialState() refuses ids that are not unique or not there", () => {
  assert.throws(() => initialState([...specs, specs[0]!]), /unique/);
  assert.throws(() => initialState([{ id: "a", after: ["b"] }]), /one of the processes/);
  assert.throws(() => step(initialState([{ id: "a", after: ["a"] }]), begin), /after/);
});

test("step() ends with the last process, whatever happens in whatever order", () => {
  const id = fc.constantFrom(...specs.map((spec) => spec.id));
  const event = fc.oneof(
    fc.record({ kind: fc.constantFrom("ready" as const, "ready-timeout" as const), id }),
    fc.record({ kind: fc.constant("ended" as const), id, ending: fc.constant(failed) }),
    fc.record({ kind: fc.constantFrom("stop" as const, "stop-now" as const) }),
    fc.record({ kind: fc.constantFrom("drain-over" as const, "grace-over" as const) }),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 30 }), (events) => {
      const { state, actions } = play([begin, ...events]);
      const ended = play([
        begin,
        ...events,
        { kind: "stop" },
        ...specs.map((spec) => ({ kind: "ended", id: spec.id, ending: failed }) as const),
      ]);
      assert.equal(ended.state.phase, "ended");
      assert.equal(new Set(idsOf(actions, "terminate")).size, idsOf(actions, "terminate").length);
      assert.ok(actions.filter(({ kind }) => kind === "set-timer").length <= 3);
      const living = [...state.processes.values()].some(({ phase }) => phase !== "ended");
      assert.equal(state.phase === "ended", !living);
    }),
  );
});
