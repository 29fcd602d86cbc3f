import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  afterFault,
  afterGoodAnswer,
  afterWait,
  type FaultRecord,
  noFaults,
  type QuarantineOptions,
} from "./quarantine.ts";

const options: QuarantineOptions = {
  faultsMax: 3,
  faultWindowMs: 100,
  quarantineMsMin: 1_000,
  quarantineMsMax: 60_000,
  trialMsMax: 10_000,
  calmMs: 30_000,
};

/** Faults at these moments, with so many good answers before each. */
function faultsAt(
  record: FaultRecord,
  moments: readonly number[],
  goodAnswers: (index: number) => number = () => 0,
): FaultRecord {
  return moments.reduce((before, atMs, index) => {
    const fault = { reason: `fault ${index}`, atMs, goodAnswers: goodAnswers(index), draw: 0 };
    return afterFault(before, fault, options);
  }, record);
}

const open = faultsAt(noFaults, [0, 1, 2]);
const onTrial = afterWait(open, 1_002);

test("afterFault() brings a rank into quarantine at the last of some faults within the window", () => {
  assert.equal(faultsAt(noFaults, [0, 1]).quarantine, undefined);
  assert.deepEqual(open.quarantine, { phase: "open", reason: "fault 2", untilMs: 1_002 });
  assert.equal(faultsAt(noFaults, [0, 1, 101]).quarantine, undefined);
  assert.equal(faultsAt(noFaults, [0, 60, 120, 150]).quarantine?.phase, "open");
});

test("afterFault() lets a rank be that answers more requests than it fails", () => {
  assert.equal(faultsAt(noFaults, [0, 1, 2], (index) => 2 * index).quarantine, undefined);
  assert.equal(faultsAt(noFaults, [0, 1, 2], (index) => index).quarantine?.phase, "open");
  const wrapping = (index: number) => (2 ** 32 - 1 + index) >>> 0;
  assert.equal(faultsAt(noFaults, [0, 1, 2], wrapping).quarantine?.phase, "open");
});

test("afterFault() in an open quarantine changes nothing, and in a trial makes it longer", () => {
  assert.equal(faultsAt(open, [5, 6, 7, 8]), open);
  const again = faultsAt(onTrial, [2_000]).quarantine;
  assert.deepEqual(again, { phase: "open", reason: "fault 0", untilMs: 4_000 });
});

test("afterWait() begins the trial when the time is over, and not before", () => {
  assert.equal(afterWait(open, 1_001), open);
  assert.equal(onTrial.quarantine?.phase, "trial");
  assert.equal(afterWait(noFaults, 5_000), noFaults);
});

test("afterGoodAnswer() ends a trial and nothing else", () => {
  assert.equal(afterGoodAnswer(open, 10), open);
  const well = afterGoodAnswer(onTrial, 1_100);
  assert.deepEqual([well.quarantine, well.faults], [undefined, []]);
  assert.equal(faultsAt(well, [1_101, 1_102]).quarantine, undefined);
});

test("afterFault() makes quarantines that follow each other longer, and forgets them after calm", () => {
  const well = afterGoodAnswer(onTrial, 1_100);
  assert.equal(faultsAt(well, [1_200, 1_200, 1_200]).quarantine?.untilMs, 1_200 + 2_000);
  const later = 1_100 + options.calmMs + 1;
  assert.equal(faultsAt(well, [later, later, later]).quarantine?.untilMs, later + 1_000);
});

test("quarantines double up to their limit, and chance shortens each by up to a quarter", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 2 ** 32 - 1 }), { minLength: 1, maxLength: 12 }),
      (draws) => {
        let record = open;
        for (const [index, draw] of draws.entries()) {
          record = afterWait(record, record.quarantine!.untilMs);
          const atMs = record.quarantine!.untilMs + 7;
          record = afterFault(record, { reason: "x", atMs, goodAnswers: 0, draw }, options);
          const wholeMs = Math.min(1_000 * 2 ** (index + 1), 60_000);
          const lastsMs = record.quarantine!.untilMs - atMs;
          assert.ok(lastsMs <= wholeMs && lastsMs >= 0.75 * wholeMs, `${lastsMs} of ${wholeMs}`);
        }
      },
    ),
  );
});

test("a rank in any order of events enters quarantine by faults alone and leaves it by a good answer in a trial alone", () => {
  const anyStep = fc.record({
    kind: fc.constantFrom("fault", "good", "wait"),
    passMs: fc.constantFrom(0, 1, 90, 1_000, 70_000),
  });
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 80 }), (steps) => {
      let record = noFaults;
      let nowMs = 0;
      for (const { kind, passMs } of steps) {
        nowMs += passMs;
        const before = record;
        if (kind === "fault") record = faultsAt(record, [nowMs]);
        else record = kind === "good" ? afterGoodAnswer(record, nowMs) : afterWait(record, nowMs);
        const turn = `${before.quarantine?.phase} ${kind} ${record.quarantine?.phase}`;
        const turns = [
          "undefined fault open",
          "trial fault open",
          "open wait trial",
          "trial good undefined",
        ];
        const stays = before.quarantine?.phase === record.quarantine?.phase;
        assert.ok(stays || turns.includes(turn), turn);
        if (kind === "fault") assert.notEqual(record.quarantine?.phase, "trial");
        assert.ok(record.faults.length <= options.faultsMax);
      }
    }),
  );
});
