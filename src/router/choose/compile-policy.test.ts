/** The conformance suite of routing policies; what each promises beyond it stands in its own test. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { policyOptions } from "../test-support/policy-options.ts";
import { allLiving, countBySlot, indexes, keys, view } from "../test-support/rank-views.ts";
import { compilePolicy } from "./compile-policy.ts";
import { policyNames } from "./policy.ts";

const anyKey = fc.option(fc.string(), { nil: undefined });
const anyLiving = fc.array(fc.boolean(), { minLength: 1, maxLength: 20 });
const anyInFlight = fc.array(fc.nat({ max: 3 }), { maxLength: 20 });

for (const name of policyNames) {
  const compile = (rankCount: number) => compilePolicy(policyOptions(name), indexes(rankCount));

  test(`${name} picks a living rank whenever there is one, and -1 otherwise`, () => {
    const anyStep = fc.record({
      key: anyKey,
      living: anyLiving,
      inFlight: anyInFlight,
      finishes: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(anyStep), (steps) => {
        const policy = compile(20);
        for (const { key, living, inFlight, finishes } of steps) {
          const padded = Array.from({ length: 20 }, (_, slot) => living[slot] ?? false);
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
      return keys.map((key) => policy.choose(key, allLiving(7)));
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
    const counts = countBySlot(keys.map((key) => policy.choose(key, allLiving(8))));
    // 250 expected a rank; 5 standard deviations of a fair draw are 74.
    for (const count of counts) assert.ok(Math.abs(count - 250) < 75, String(counts));
  });

  test(`${name} spreads requests without a session evenly while they run`, () => {
    const policy = compile(4);
    const ranks = allLiving(4);
    for (let count = 0; count < 400; count++) ranks.inFlight[policy.choose(undefined, ranks)]! += 1;
    for (const count of ranks.inFlight)
      assert.ok(Math.abs(count - 100) <= 5, String(ranks.inFlight));
  });

  test(`${name} takes the rank that lives alone, among many`, () => {
    const policy = compile(4_096);
    for (const alone of [0, 2_047, 4_095]) {
      const ranks = view(indexes(4_096).map((slot) => slot === alone));
      for (const key of [undefined, "x-session-id:a", "x-session-id:b"]) {
        assert.equal(policy.choose(key, ranks), alone);
      }
    }
  });

  test(`${name} remembers sessionsMax sessions at most, and none once they are finished`, () => {
    const policy = compilePolicy(policyOptions(name, { sessionsMax: 3 }), indexes(5));
    for (const key of keys) policy.choose(key, allLiving(5));
    policy.choose(undefined, allLiving(5));
    assert.ok(policy.countSessions() <= 3);
    for (const key of keys) policy.finishSession(key);
    assert.equal(policy.countSessions(), 0);
  });

  test(`${name} finishes sessions that it does not know without a word`, () => {
    const policy = compile(3);
    assert.equal(policy.finishSession("x-session-id:a"), false);
    policy.choose("x-session-id:a", allLiving(3));
    policy.finishSession("x-session-id:a");
    assert.equal(policy.finishSession("x-session-id:a"), false);
  });
}
