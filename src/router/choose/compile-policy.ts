import { consistentHash } from "./consistent-hash.ts";
import type { Choose, Policy, PolicyName, PolicyOptions } from "./policy.ts";
import { powerOfTwo } from "./power-of-two.ts";
import { roundRobin } from "./round-robin.ts";
import { stickyLeastLoaded } from "./sticky-least-loaded.ts";

/** The policy of these options for these ranks, given by slot. */
export function compilePolicy(options: PolicyOptions, rankIndexes: readonly number[]): Policy {
  return makers[options.name](rankIndexes, options);
}

type MakePolicy = (rankIndexes: readonly number[], options: PolicyOptions) => Policy;

const makers: Readonly<Record<PolicyName, MakePolicy>> = {
  consistent_hash: (rankIndexes) => withoutSessions(consistentHash(rankIndexes)),
  round_robin: () => withoutSessions(roundRobin()),
  power_of_two: (rankIndexes, { random }) =>
    withoutSessions(powerOfTwo(rankIndexes.length, random)),
  sticky_least_loaded: stickyLeastLoaded,
};

function withoutSessions(choose: Choose): Policy {
  return { choose, finishSession: () => false, countSessions: () => 0 };
}
