/** Quarantine as requests feel it: reports of several threads, the table that all of them read, and a group's choices. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogger, type LogLine, parseLogLine } from "../../telemetry/mod.ts";
import { type PolicyName, policyNames } from "../choose/policy.ts";
import { policyOptions } from "../test-support/policy-options.ts";
import { TimerClock } from "../test-support/timer-clock.ts";
import { defaultHealthOptions, HealthChecks } from "./health-checks.ts";
import { HealthReports } from "./health-report.ts";
import { Lease } from "./lease.ts";
import { RankGroup } from "./rank-group.ts";
import { trialStates } from "./rank-memory.ts";
import { RankTable } from "./rank-table.ts";

const { faultsMax, quarantineMsMin, trialMsMax } = defaultHealthOptions;

/** A router of two threads in front of ranks that are all up; probes never answer after that. */
function setUp(options: { readonly rankCount?: number; readonly policy?: PolicyName } = {}) {
  const { rankCount = 3, policy = "round_robin" } = options;
  const clock = new TimerClock();
  const lines: LogLine[] = [];
  const write = (line: string) => void lines.push(parseLogLine(line)!);
  const logger = createLogger({ name: "router", format: "json", write });
  const ranks = Array.from({ length: rankCount }, (_, index) => ({
    index,
    url: `http://a:${index + 1}`,
  }));
  const table = new RankTable(ranks);
  const health = { ...defaultHealthOptions, upIntervalMs: 10_000_000 };
  const checks = new HealthChecks(table, health, {
    clock,
    random: () => 0,
    logger,
    probe: (_address, _timeoutMs, onSign) => clock.after(1, () => onSign({ kind: "ready" })),
  });
  const other = new RankTable(ranks, table.memory);
  table.listeners.add((change) => other.apply(structuredClone(change)));
  const threads = [table, other].map((each) => ({
    table: each,
    group: new RankGroup(each, "both", policyOptions(policy)),
    reports: new HealthReports(each, (report) => checks.take(structuredClone(report))),
  }));
  checks.start();
  clock.pass(1);
  const [first, second] = threads as [Thread, Thread];
  return { clock, lines, checks, first, second };
}

interface Thread {
  readonly table: RankTable;
  readonly group: RankGroup;
  readonly reports: HealthReports;
}

function fail({ reports }: Thread, slot: number, times: number): void {
  for (let count = 0; count < times; count++) reports.noteAnswer(slot, 500, true);
}

/** Which slots the thread would choose. */
function choices({ group }: Thread, except: readonly number[] = []): readonly number[] {
  const slots = Array.from({ length: 12 }, (_, number) => group.choose(`key:${number}`, except));
  return [...new Set(slots)].toSorted((one, other) => one - other);
}

test("a rank that fails requests is left out by all threads, and its status says why and until when", () => {
  const { clock, lines, first, second } = setUp();
  fail(first, 1, faultsMax - 1);
  assert.deepEqual(choices(first), [0, 1, 2]);
  fail(second, 1, 1);
  assert.deepEqual(
    [choices(first), choices(second)],
    [
      [0, 2],
      [0, 2],
    ],
  );
  const { state, reason, untilMs } = second.table.statusOf(1);
  assert.deepEqual(
    [state, reason, untilMs],
    ["quarantined", "it answered 500", clock.nowMs() + quarantineMsMin],
  );
  assert.equal(lines.filter(({ message }) => message === "Rank is in quarantine").length, 1);
});

for (const policy of policyNames) {
  test(`exactly one request of all threads tries a rank out after its quarantine, under ${policy}`, () => {
    const { clock, first, second } = setUp({ policy });
    fail(first, 1, faultsMax);
    clock.pass(quarantineMsMin - 1);
    assert.equal(choices(first).includes(1), false);
    clock.pass(1);
    const leases: Lease[] = [];
    for (let number = 0; number < 200; number++) {
      const { group, table } = number % 2 === 0 ? first : second;
      leases.push(new Lease(table, group.choose(`key:${number}`, [])));
    }
    assert.equal(leases.filter(({ slot }) => slot === 1).length, 1);
    second.reports.noteAnswer(1, 200, false);
    for (const lease of leases) lease.release();
    assert.equal(first.table.statusOf(1).state, "up");
    const after = Array.from({ length: 200 }, (_, number) =>
      second.group.choose(`new:${number}`, []),
    );
    assert.ok(after.includes(1));
  });
}

test("a trial that fails brings the rank back into a longer quarantine", () => {
  const { clock, first } = setUp();
  fail(first, 1, faultsMax);
  clock.pass(quarantineMsMin);
  assert.deepEqual(choices(first), [0, 1, 2]);
  first.reports.noteUnreachable(1, "ECONNREFUSED");
  first.reports.noteBroken(1, "ECONNRESET");
  clock.pass(1_000 + 1); // Its probe finds it ready.
  assert.equal(first.table.statusOf(1).state, "quarantined");
  clock.pass(2 * quarantineMsMin);
  assert.deepEqual(choices(first), [0, 1, 2]);
  assert.deepEqual(choices(first), [0, 2]);
});

test("a trial whose client leaves says nothing, and another request is the trial", () => {
  const { clock, first, second } = setUp();
  fail(first, 1, faultsMax);
  clock.pass(quarantineMsMin);
  const chosen = Array.from({ length: 3 }, () => first.group.choose(undefined, []));
  const leases = chosen.map((slot) => new Lease(first.table, slot));
  assert.ok(chosen.includes(1));
  assert.deepEqual(
    [choices(first), choices(second)],
    [
      [0, 2],
      [0, 2],
    ],
  );
  for (const lease of leases) lease.release();
  assert.deepEqual(choices(first), [0, 1, 2]);
});

test("a trial that runs for long without a fault is as good as an answer", () => {
  const { clock, first } = setUp();
  fail(first, 1, faultsMax);
  clock.pass(quarantineMsMin + 5 * trialMsMax);
  assert.equal(first.table.statusOf(1).state, "quarantined"); // Nobody has tried it.
  const chosen = Array.from({ length: 3 }, () => first.group.choose(undefined, []));
  const leases = chosen.map((slot) => new Lease(first.table, slot));
  clock.pass(trialMsMax - 1);
  assert.deepEqual(choices(first), [0, 2]);
  clock.pass(trialMsMax + 1);
  assert.deepEqual(choices(first), [0, 1, 2]);
  assert.equal(first.table.statusOf(1).state, "up");
  for (const lease of leases) lease.release();
});

test("ranks in quarantine serve where no other one is left, or has failed the request", () => {
  const { clock, first, second } = setUp({ rankCount: 2 });
  fail(first, 0, faultsMax);
  assert.deepEqual(choices(first), [1]);
  assert.deepEqual(choices(first, [1]), [0]);
  assert.deepEqual(choices(first), [1]);
  fail(second, 1, faultsMax);
  assert.deepEqual(
    [choices(first), choices(second)],
    [
      [0, 1],
      [0, 1],
    ],
  );
  assert.equal(first.group.livingCount, 2);
  clock.pass(quarantineMsMin);
  assert.deepEqual(choices(first), [0, 1]);
  first.reports.noteAnswer(0, 200, false);
  assert.deepEqual([choices(first).includes(0), second.group.livingCount], [true, 1]);
});

test("a rank that answers most requests well is left in use", () => {
  const { first } = setUp();
  for (let count = 0; count < 100; count++) {
    fail(first, 1, 1);
    for (let good = 0; good < 3; good++) first.reports.noteAnswer(1, 200, false);
  }
  assert.equal(first.table.statusOf(1).state, "up");
});

test("a rank that is removed in quarantine leaves nothing behind for the next one in its slot", () => {
  const { clock, first, second } = setUp();
  fail(first, 1, faultsMax);
  clock.pass(quarantineMsMin);
  first.table.remove(1);
  fail(second, 1, faultsMax); // Reports of requests that had begun before.
  assert.deepEqual(choices(second), [0, 2]);
  first.table.add({ index: 9, url: "http://b:1" }, 1);
  clock.pass(1);
  assert.equal(second.table.statusOf(1).state, "up");
  assert.deepEqual(choices(second), [0, 1, 2]);
  assert.deepEqual(choices(second), [0, 1, 2]);
  assert.equal(first.table.memory.trials[1], trialStates.none);
  fail(first, 1, faultsMax - 1);
  assert.equal(second.table.statusOf(1).state, "up");
  fail(first, 1, 1);
  assert.equal(second.table.statusOf(1).untilMs, clock.nowMs() + quarantineMsMin);
});

test("requests that a rank loses when it is removed are no faults of anyone", () => {
  const { clock, first } = setUp();
  for (let count = 0; count < 2 * faultsMax; count++) {
    first.table.tenants[1]!.add({
      seat: -1,
      onRankDown: () => undefined,
      onRankLost: (reason) => first.reports.noteBroken(1, reason),
    });
  }
  first.table.remove(1);
  assert.deepEqual(choices(first), [0, 2]);
  const { timerCount } = clock;
  first.table.add({ index: 1, url: "http://b:1" }, 1);
  assert.equal(clock.timerCount, timerCount + 1);
  clock.pass(1);
  assert.equal(first.table.statusOf(1).state, "up");
});

test("closing health checks leaves no timer behind", () => {
  const { clock, checks, first } = setUp();
  fail(first, 1, faultsMax);
  checks.close();
  assert.equal(clock.timerCount, 0);
  first.reports.noteUnreachable(1, "x");
  assert.equal(clock.timerCount, 0);
});
