import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { TimerClock } from "../test-support/timer-clock.ts";
import { type AdmissionLimits, AdmissionQueue, type Waiter } from "./admission-queue.ts";

const limits: AdmissionLimits = { requestsInFlightMax: 2, queueDepthMax: 3, queueMsMax: 1_000 };

function setUp(changed: Partial<AdmissionLimits> = {}) {
  const clock = new TimerClock();
  const queue = new AdmissionQueue(clock, { ...limits, ...changed });
  const told: string[] = [];
  const waiter = (name: string, then?: () => void): Waiter => ({
    onAdmitted: () => {
      told.push(`${name} in`);
      then?.();
    },
    onTurnedAway: (reason) => {
      told.push(`${name} away: ${reason}`);
      then?.();
    },
  });
  return { clock, queue, told, waiter };
}

test("AdmissionQueue gives places while there are some, then lets wait, then no more", () => {
  const { queue, waiter } = setUp();
  assert.deepEqual([queue.tryEnter(), queue.tryEnter(), queue.tryEnter()], [true, true, false]);
  const waits = ["a", "b", "c", "d"].map((name) => queue.wait(waiter(name)));
  assert.deepEqual(waits, [true, true, true, false]);
  assert.deepEqual([queue.atWorkCount, queue.waitingCount], [2, 3]);
});

test("AdmissionQueue admits in the order of arrival, and nobody passes those that wait", () => {
  const { queue, told, waiter } = setUp({ requestsInFlightMax: 1 });
  queue.tryEnter();
  for (const name of ["a", "b"]) queue.wait(waiter(name));
  queue.leave();
  assert.equal(queue.tryEnter(), false);
  queue.leave();
  assert.deepEqual(told, ["a in", "b in"]);
  queue.leave();
  assert.equal(queue.tryEnter(), true);
});

test("AdmissionQueue gives a place that comes free on the way to those that wait, not to who asks then", () => {
  const { queue, told, waiter } = setUp({ requestsInFlightMax: 1 });
  queue.tryEnter();
  queue.wait(
    waiter("a", () => {
      queue.leave();
      told.push(`newcomer ${queue.tryEnter()}`);
    }),
  );
  queue.wait(waiter("b"));
  queue.leave();
  assert.deepEqual(told, ["a in", "newcomer false", "b in"]);
});

test("AdmissionQueue turns away whoever waited too long, each at its own time", () => {
  const { clock, queue, told, waiter } = setUp({ requestsInFlightMax: 1 });
  queue.tryEnter();
  queue.wait(waiter("a"));
  clock.pass(600);
  queue.wait(waiter("b"));
  clock.pass(399);
  assert.deepEqual(told, []);
  clock.pass(1);
  assert.deepEqual(told, ["a away: no place came free in 1 s"]);
  clock.pass(599);
  assert.equal(told.length, 1);
  clock.pass(1);
  assert.equal(told[1], "b away: no place came free in 1 s");
  assert.equal(queue.waitingCount, 0);
});

test("AdmissionQueue frees the place in the row of one that withdraws, and its timer with the last", () => {
  const { clock, queue, told, waiter } = setUp({ requestsInFlightMax: 1, queueDepthMax: 2 });
  queue.tryEnter();
  const first = waiter("a");
  queue.wait(first);
  queue.wait(waiter("b"));
  queue.withdraw(first);
  queue.withdraw(first);
  assert.equal(queue.wait(waiter("c")), true);
  queue.leave();
  queue.leave();
  assert.deepEqual(told, ["b in", "c in"]);
  assert.equal(clock.timerCount, 0);
});

test("AdmissionQueue turns all away when it closes, also when they come back while it does", () => {
  const { clock, queue, told, waiter } = setUp();
  queue.tryEnter();
  queue.tryEnter();
  queue.wait(waiter("a", () => queue.wait(waiter("again"))));
  queue.wait(waiter("b"));
  queue.close("the router is shutting down");
  assert.equal(told[0], "a away: the router is shutting down");
  assert.ok(told.includes("b away: the router is shutting down"));
  assert.equal(queue.waitingCount, 0);
  assert.equal(clock.timerCount, 0);
});

test("AdmissionQueue admits many that are over at once without a deep stack", () => {
  const { queue, told, waiter } = setUp({ requestsInFlightMax: 1, queueDepthMax: 50_000 });
  queue.tryEnter();
  for (let number = 0; number < 50_000; number++) queue.wait(waiter("x", () => queue.leave()));
  queue.leave();
  assert.equal(told.length, 50_000);
  assert.equal(queue.atWorkCount, 0);
});

test("AdmissionQueue says after which time to come back, from how fast places come free", () => {
  const { clock, queue, waiter } = setUp({
    requestsInFlightMax: 1,
    queueDepthMax: 100,
    queueMsMax: 1_000_000,
  });
  clock.pass(1_000_000);
  queue.tryEnter();
  assert.equal(queue.retryAfterSeconds, 1);
  for (let number = 0; number < 60; number++) queue.wait(waiter("x"));
  for (let number = 0; number < 50; number++) {
    clock.pass(500);
    queue.leave();
  }
  assert.equal(queue.retryAfterSeconds, Math.ceil(11 * 0.5));
  clock.pass(4_000);
  assert.equal(queue.retryAfterSeconds, 44);
  clock.pass(4_000);
  assert.equal(queue.retryAfterSeconds, 60);
});

test("AdmissionQueue loses nobody, keeps the order and its bounds, whatever comes", () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.constant("come" as const) },
    { weight: 3, arbitrary: fc.constant("leave" as const) },
    { weight: 1, arbitrary: fc.constant("withdraw" as const) },
    { weight: 1, arbitrary: fc.constant("pass" as const) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const { clock, queue } = setUp();
      const waiting: number[] = [];
      const waiters = new Map<number, Waiter>();
      let atWork = 0;
      for (const [number, what] of steps.entries()) {
        if (what === "come" && queue.tryEnter()) atWork++;
        else if (what === "come") {
          const end = (isIn: boolean) => {
            if (isIn) assert.equal(waiting[0], number);
            waiting.splice(waiting.indexOf(number), 1);
            if (isIn) atWork++;
          };
          const waiter = { onAdmitted: () => end(true), onTurnedAway: () => end(false) };
          waiters.set(number, waiter);
          waiting.push(number);
          if (!queue.wait(waiter)) waiting.pop();
        } else if (what === "leave" && atWork > 0) {
          atWork--;
          queue.leave();
        } else if (what === "withdraw" && waiting.length > 0) {
          const gone = waiting.splice(Math.floor(waiting.length / 2), 1)[0]!;
          queue.withdraw(waiters.get(gone)!);
        } else if (what === "pass") clock.pass(300);
        assert.deepEqual([queue.atWorkCount, queue.waitingCount], [atWork, waiting.length]);
        assert.ok(atWork <= limits.requestsInFlightMax && waiting.length <= limits.queueDepthMax);
        assert.ok(waiting.length === 0 || atWork === limits.requestsInFlightMax);
      }
    }),
  );
});
