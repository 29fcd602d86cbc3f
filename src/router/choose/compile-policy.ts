import { consistentHash } from "./consistent-hash.ts";
import type { Choose, Policy, PolicyName, PolicyOptions } from "./policy.ts";
import { powerOfTwo } from "./power-of-two.ts";
import { roundRobin } from "./round-robin.ts";
import { stickyLeastLoaded } from "./sticky-least-loaded.ts";

/** The policy of these options for views of up to `ranksMax` slots. */
export function compilePolicy(options: PolicyOptions, ranksMax: number): Policy {
  return makers[options.name](ranksMax, options);
}

type MakePolicy = (ranksMax: number, options: PolicyOptions) => Policy;

const makers: Readonly<Record<PolicyName, MakePolicy>> = {
  consistent_hash: () => withoutSessions(consistentHash()),
  round_robin: () => withoutSessions(roundRobin()),
  power_of_two: (ranksMax, { random }) => withoutSessions(powerOfTwo(ranksMax, random)),
  sticky_least_loaded: stickyLeastLoaded,
};

function withoutSessions(choose: Choose): Policy {
  return {
    choose,
    finishSession: () => false,
    forgetRank: () => undefined,
    countSessions: () => 0,
  };
}
