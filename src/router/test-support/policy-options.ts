import type { PolicyName, PolicyOptions } from "../choose/policy.ts";
import { seededRandom } from "../choose/seeded-random.ts";

/** A policy that draws the same at each run, on a clock that stands. */
export function policyOptions(
  name: PolicyName,
  options: Partial<PolicyOptions> = {},
): PolicyOptions {
  const fixed = { random: seededRandom(1), clock: () => 0 };
  return { name, ...fixed, sessionsMax: 4_096, sessionIdleMsMax: 1_000, ...options };
}
