import { statSync } from "node:fs";
import { percentile } from "../table.ts";
import type { Bench, RunningRouter } from "./bench.ts";
import type { Case } from "./cases.ts";
import type { LoadResult } from "./load-process.ts";
import type { RouterName } from "./routers.ts";

export interface MeasureOptions {
  readonly names: readonly RouterName[];
  readonly rounds: number;
  /** Of one measurement. */
  readonly seconds: number;
  /** Where CPU profiles of ours go. */
  readonly profileFolder?: string | undefined;
}

/** One router in one case: a figure a round. */
export interface Cost {
  readonly router: RouterName;
  readonly case: string;
  readonly unit: "request" | "event";
  readonly cpuMicrosecondsPerUnit: readonly number[];
  readonly unitsPerSecond: readonly number[];
  /** CPU seconds a second. */
  readonly cores: readonly number[];
  readonly hasAccessLog: boolean;
  /** How many events a read of a client brought: 1 where each came by itself. */
  readonly eventsPerRead?: readonly number[];
}

/**
 * Latency through one router at half load, which is half of what it would do with one core, and less the latency of a
 * rank asked directly at the same rate just before: the difference of the medians, and of the 99th percentiles.
 */
export interface AddedLatency {
  readonly router: RouterName;
  readonly case: string;
  readonly requestsPerSecond: number;
  readonly directP50Ms: readonly number[];
  readonly addedP50Ms: readonly number[];
  readonly addedP99Ms: readonly number[];
}

export const latencyCase = "2 KB posts, half load";

const warmSeconds = 0.3;
/** Before the first round: the compiler of a router that has one is done by then. */
const firstSeconds = 2;
const latencyConnectionCount = 128;
/** What a router uses of its core in the closed loop says what it would do with all of it, down to this share. */
const coreShareMin = 0.6;

/** Routers take turns in each round. */
export async function measureCosts(
  bench: Bench,
  one: Case,
  options: MeasureOptions,
): Promise<readonly Cost[]> {
  const { rounds, seconds } = options;
  return withRouters(bench, { ...options, one }, async (routers) => {
    const load = (router: RunningRouter, seconds: number) =>
      bench.loadRouter(router, { ...one, warmSeconds, seconds });
    for (const router of routers) await load(router, firstSeconds);
    const results = routers.map((): LoadResult[] => []);
    for (let round = 0; round < rounds; round++)
      for (const [index, router] of routers.entries())
        results[index]!.push(await load(router, seconds));
    return routers.map((router, index) => costOf(router, one, results[index]!));
  });
}

export async function measureLatency(
  bench: Bench,
  one: Case,
  options: MeasureOptions,
): Promise<readonly AddedLatency[]> {
  const { rounds, seconds } = options;
  return withRouters(bench, { ...options, one }, async (routers) => {
    const { shape, connectionCount } = one;
    const closedLoop = { shape, connectionCount, warmSeconds, seconds };
    const atRate = (requestsPerSecond: number) => ({
      ...closedLoop,
      connectionCount: latencyConnectionCount,
      requestsPerSecond,
    });
    const rates: number[] = [];
    for (const router of routers) {
      await bench.loadRouter(router, { ...closedLoop, seconds: firstSeconds });
      rates.push(halfLoad(await bench.loadRouter(router, closedLoop)));
    }
    const direct = routers.map((): LoadResult[] => []);
    const routed = routers.map((): LoadResult[] => []);
    const rank = { port: bench.rankPorts[0]!, pids: [] };
    for (let round = 0; round < rounds; round++)
      for (const [index, router] of routers.entries()) {
        const job = atRate(rates[index]!);
        direct[index]!.push(await bench.load({ ...job, ...rank }));
        routed[index]!.push(await bench.loadRouter(router, job));
      }
    return routers.map(({ name }, index) => {
      const added = (share: "p50" | "p99") =>
        routed[index]!.map(
          ({ latencyMs }, round) => latencyMs[share] - direct[index]![round]!.latencyMs[share],
        );
      return {
        router: name,
        case: latencyCase,
        requestsPerSecond: rates[index]!,
        directP50Ms: direct[index]!.map(({ latencyMs }) => latencyMs.p50),
        addedP50Ms: added("p50"),
        addedP99Ms: added("p99"),
      };
    });
  });
}

export function median(samples: readonly number[]): number {
  return percentile(samples, 0.5);
}

async function withRouters<Value>(
  bench: Bench,
  { names, one, profileFolder }: MeasureOptions & { readonly one: Case },
  action: (routers: readonly RunningRouter[]) => Promise<Value>,
): Promise<Value> {
  const profileName = `${one.name.replaceAll(/[^A-Za-z0-9]+/g, "-")}.cpuprofile`;
  const profileFile =
    profileFolder === undefined ? undefined : { folder: profileFolder, name: profileName };
  const routers: RunningRouter[] = [];
  for (const name of names)
    routers.push(await bench.start(name, { workerCount: one.workerCount, profileFile }));
  const value = await action(routers);
  await Promise.all(routers.map((router) => bench.stop(router)));
  return value;
}

function costOf(router: RunningRouter, one: Case, results: readonly LoadResult[]): Cost {
  const isStream = one.shape === "stream";
  const unitsOf = (result: LoadResult) => (isStream ? result.eventCount : result.answerCount);
  return {
    router: router.name,
    case: one.name,
    hasAccessLog: (statSync(router.accessLogFile, { throwIfNoEntry: false })?.size ?? 0) > 0,
    unit: isStream ? "event" : "request",
    cpuMicrosecondsPerUnit: results.map((result) => result.cpuMicroseconds / unitsOf(result)),
    unitsPerSecond: results.map((result) => unitsOf(result) / result.seconds),
    cores: results.map((result) => result.cpuMicroseconds / 1e6 / result.seconds),
    ...(isStream && {
      eventsPerRead: results.map((result) => result.eventCount / result.readCount),
    }),
  };
}

/** Requests per second at which the router would use half a core, from a closed loop. */
function halfLoad({ answerCount, seconds, cpuMicroseconds }: LoadResult): number {
  const coreShare = cpuMicroseconds / 1e6 / seconds;
  return Math.round(answerCount / seconds / Math.max(coreShare, coreShareMin) / 2);
}
