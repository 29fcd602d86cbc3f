/**
 * How long the router's policies take to choose among many ranks, and what a remembered session costs in memory:
 * `npm run bench:choose`. `--ranks N`, default 4,096; `--choices N` a row, default 20,000.
 */
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { compilePolicy } from "../../src/router/choose/compile-policy.ts";
import { type PolicyName, policyNames, type RankView } from "../../src/router/choose/policy.ts";
import { rankSeed } from "../../src/router/choose/rank-scores.ts";
import { seededRandom } from "../../src/router/choose/seeded-random.ts";
import { SessionTable } from "../../src/router/choose/session-table.ts";
import { percentile, printTable } from "../table.ts";

const { values } = parseArgs({
  options: {
    ranks: { type: "string", default: "4096" },
    choices: { type: "string", default: "20000" },
  },
});
main(Number(values.ranks), Number(values.choices));

type Kind = "no session" | "new session" | "known session";

function main(rankCount: number, choiceCount: number): void {
  const kinds = ["no session", "new session", "known session"] as const;
  const rows = policyNames.flatMap((name) =>
    kinds.map((kind) => {
      const samples = measure(name, kind, { rankCount, choiceCount });
      const shares = [0.5, 0.99, 1].map((share) => percentile(samples, share).toFixed(2));
      return [`${name}, ${kind}`, ...shares];
    }),
  );
  printTable([`µs a choice among ${rankCount} ranks`, "p50", "p99", "max"], rows);
  if (globalThis.gc === undefined) return;
  process.stdout.write(`Memory of a session: ${bytesPerSession(131_072).toFixed(0)} bytes\n`);
}

/** Microseconds of each choice: one rank in eight is down, and each choice adds to the load. */
function measure(
  name: PolicyName,
  kind: Kind,
  { rankCount, choiceCount }: { readonly rankCount: number; readonly choiceCount: number },
): readonly number[] {
  const policy = compilePolicy(
    {
      name,
      random: seededRandom(1),
      clock: () => performance.now(),
      sessionsMax: 131_072,
      sessionIdleMsMax: 7_200_000,
    },
    rankCount,
  );
  const view: RankView = {
    count: rankCount,
    eligible: Uint8Array.from({ length: rankCount }, (_, slot) => (slot % 8 === 3 ? 0 : 1)),
    inFlight: new Uint32Array(new SharedArrayBuffer(4 * rankCount)),
    seeds: Uint32Array.from({ length: rankCount }, (_, slot) => rankSeed(slot)),
  };
  const choose = (number: number): number => {
    const session = `x-session-id:trajectory-${kind === "known session" ? number % 1_000 : number}`;
    const key = kind === "no session" ? undefined : session;
    const beganMs = performance.now();
    const slot = policy.choose(key, view);
    const tookMs = performance.now() - beganMs;
    view.inFlight[slot]! += 1;
    return tookMs * 1_000;
  };
  const warmUpCount = 2_000;
  return Array.from({ length: warmUpCount + choiceCount }, (_, number) => choose(number)).slice(
    warmUpCount,
  );
}

/** What the heap grows by for each of so many sessions. */
function bytesPerSession(sessionCount: number): number {
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const sessions = new SessionTable({
    rankCount: 8,
    sessionsMax: sessionCount,
    sessionIdleMsMax: 1_000,
  });
  for (let number = 0; number < sessionCount; number++) {
    sessions.place(`x-session-id:trajectory-${number}`, number % 8, number / 3);
  }
  globalThis.gc?.();
  const grown = process.memoryUsage().heapUsed - before;
  return grown / sessions.size;
}
