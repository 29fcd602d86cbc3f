/** The conformance suite of routing policies; what each promises beyond it stands in its own test. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { policyOptions } from "../test-support/policy-options.ts";
import { allEligible, countBySlot, indexes, keys, view } from "../test-support/rank-views.ts";
import { compilePolicy } from "./compile-policy.ts";
import { type PolicyName, policyNames } from "./policy.ts";
import { rankSeed } from "./rank-scores.ts";

/** Policies that promise a session its rank. */
const affine: readonly PolicyName[] = ["consistent_hash", "sticky_least_loaded"];

const anyKey = fc.option(fc.string(), { nil: undefined });
const anyEligible = fc.array(fc.boolean(), { minLength: 1, maxLength: 20 });
const anyInFlight = fc.array(fc.nat({ max: 3 }), { maxLength: 20 });

for (const name of policyNames) {
  const compile = (rankCount: number) => compilePolicy(policyOptions(name), rankCount);

  test(`${name} picks an eligible rank whenever there is one, and -1 otherwise`, () => {
    const anyStep = fc.record({
      key: anyKey,
      eligible: anyEligible,
      inFlight: anyInFlight,
      finishes: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(anyStep), (steps) => {
        const policy = compile(20);
        for (const { key, eligible, inFlight, finishes } of steps) {
          const padded = Array.from({ length: 20 }, (_, slot) => eligible[slot] ?? false);
          const slot = policy.choose(key, view(padded, inFlight));
          if (padded.includes(true)) assert.ok(padded[slot], `slot ${slot}`);
          else assert.equal(slot, -1);
          if (finishes && key !== undefined) policy.finishSession(key);
        }
      }),
    );
  });

  test(`${name} gives the same choices when the same requests come again`, () => {
    const choices = () => {
      const policy = compile(7);
      return keys.map((key) => policy.choose(key, allEligible(7)));
    };
    assert.deepEqual(choices(), choices());
  });

  test(`${name} changes nothing of what it looks at`, () => {
    const policy = compile(3);
    const ranks = view([true, false, true], [2, 0, 1]);
    for (const key of [undefined, "x-session-id:a"]) policy.choose(key, ranks);
    assert.deepEqual(ranks, view([true, false, true], [2, 0, 1]));
  });

  test(`${name} spreads sessions evenly`, () => {
    const policy = compile(8);
    const counts = countBySlot(keys.map((key) => policy.choose(key, allEligible(8))));
    // 250 expected a rank; 5 standard deviations of a fair draw are 74.
    for (const count of counts) assert.ok(Math.abs(count - 250) < 75, String(counts));
  });

  test(`${name} spreads requests without a session evenly while they run`, () => {
    const policy = compile(4);
    const ranks = allEligible(4);
    for (let count = 0; count < 400; count++) ranks.inFlight[policy.choose(undefined, ranks)]! += 1;
    for (const count of ranks.inFlight)
      assert.ok(Math.abs(count - 100) <= 5, String(ranks.inFlight));
  });

  test(`${name} takes the only eligible rank, among many`, () => {
    const policy = compile(4_096);
    for (const alone of [0, 2_047, 4_095]) {
      const ranks = view(indexes(4_096).map((slot) => slot === alone));
      for (const key of [undefined, "x-session-id:a", "x-session-id:b"]) {
        assert.equal(policy.choose(key, ranks), alone);
      }
    }
  });

  test(`${name} remembers sessionsMax sessions at most, and none once they are finished`, () => {
    const policy = compilePolicy(policyOptions(name, { sessionsMax: 3 }), 5);
    for (const key of keys) policy.choose(key, allEligible(5));
    policy.choose(undefined, allEligible(5));
    assert.ok(policy.countSessions() <= 3);
    for (const key of keys) policy.finishSession(key);
    assert.equal(policy.countSessions(), 0);
  });

  test(`${name} finishes sessions that it does not know without a word`, () => {
    const policy = compile(3);
    assert.equal(policy.finishSession("x-session-id:a"), false);
    policy.choose("x-session-id:a", allEligible(3));
    policy.finishSession("x-session-id:a");
    assert.equal(policy.finishSession("x-session-id:a"), false);
  });

  test(`${name} takes ranks in that come while it runs, and none that is gone`, () => {
    const policy = compile(8);
    const ranks = { ...allEligible(8), count: 5 };
    const chosen = () => new Set(keys.map((key) => policy.choose(key, ranks)));
    assert.deepEqual(sorted(chosen()), [0, 1, 2, 3, 4]);
    ranks.count = 8;
    const others = keys.map((key) => policy.choose(`${key}:new`, ranks));
    assert.deepEqual(sorted(new Set(others)), indexes(8));
    ranks.eligible.fill(0, 2, 4);
    assert.deepEqual(sorted(chosen()), [0, 1, 4, 5, 6, 7]);
    ranks.seeds[2] = rankSeed(77); // Another rank has taken the empty slot.
    ranks.eligible[2] = 1;
    const later = keys.map((key) => policy.choose(`${key}:later`, ranks));
    assert.ok(later.includes(2) && !later.includes(3));
  });

  if (!affine.includes(name)) continue;

  test(`${name} keeps a session where it is while that rank may take it, whoever comes or goes`, () => {
    const anyTurn = fc.record({ slot: fc.nat({ max: 9 }), isEligible: fc.boolean() });
    fc.assert(
      fc.property(fc.array(anyTurn, { maxLength: 30 }), (turns) => {
        const policy = compile(10);
        const ranks = allEligible(10);
        const home = policy.choose("x-session-id:a", ranks);
        for (const { slot, isEligible } of turns.filter(({ slot }) => slot !== home)) {
          ranks.eligible[slot] = Number(isEligible);
          ranks.inFlight[slot]! += 1;
          assert.equal(policy.choose("x-session-id:a", ranks), home);
        }
      }),
    );
  });
}

function sorted(slots: ReadonlySet<number>): readonly number[] {
  return [...slots].toSorted((one, other) => one - other);
}
