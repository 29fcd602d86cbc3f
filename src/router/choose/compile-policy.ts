import { consistentHash } from "./consistent-hash.ts";
import type { Policy, PolicyName } from "./policy.ts";
import { roundRobin } from "./round-robin.ts";

/** The policy of this name for these ranks, given by slot. */
export function compilePolicy(name: PolicyName, rankIndexes: readonly number[]): Policy {
  return makers[name](rankIndexes);
}

const makers: Readonly<Record<PolicyName, (rankIndexes: readonly number[]) => Policy>> = {
  consistent_hash: consistentHash,
  round_robin: roundRobin,
};
