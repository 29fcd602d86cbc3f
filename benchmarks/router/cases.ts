import type { Shape } from "./traffic.ts";

export const groups = ["posts", "stream", "large", "workers", "latency"] as const;
export type Group = (typeof groups)[number];

/** One kind of load, of which CPU time is counted. */
export interface Case {
  readonly name: string;
  readonly group: Group;
  readonly shape: Shape;
  readonly connectionCount: number;
  /** Open loop at this rate; without it a closed loop. */
  readonly requestsPerSecond?: number;
  /** Processes or threads of each router. */
  readonly workerCount: number;
  /** What ours may cost at most, as a multiple of the others. */
  readonly timesNginxMax?: number;
  readonly timesVllmRouterMax?: number;
}

const posts = {
  group: "posts",
  shape: "post",
  connectionCount: 64,
  workerCount: 1,
  timesNginxMax: 1.5,
  timesVllmRouterMax: 1,
} as const;
const large = {
  group: "large",
  shape: "large",
  connectionCount: 16,
  workerCount: 1,
  timesNginxMax: 2,
} as const;

/** At a fixed rate a router works in many small steps; in a closed loop it takes together what came meanwhile. */
export const cases: readonly Case[] = [
  { ...posts, name: "2 KB posts, 4,000/s", requestsPerSecond: 4_000 },
  { ...posts, name: "2 KB posts, closed loop of 64" },
  {
    name: "500 streams, an event each 50 ms",
    group: "stream",
    shape: "stream",
    connectionCount: 500,
    workerCount: 1,
    timesNginxMax: 1.5,
  },
  { ...large, name: "626 KB bodies, 150/s", requestsPerSecond: 150 },
  { ...large, name: "626 KB bodies, closed loop of 16" },
  {
    name: "2 KB posts, closed loop of 128, two workers",
    group: "workers",
    shape: "post",
    connectionCount: 128,
    workerCount: 2,
  },
];
