import type { Shape } from "./traffic.ts";

export const groups = ["posts", "stream", "large"] as const;
export type Group = (typeof groups)[number];

/** One kind of load, and what of it is counted. */
export interface Case {
  readonly name: string;
  readonly group: Group;
  readonly shape: Shape;
  readonly unit: "request" | "event";
  readonly connectionCount: number;
  /** Open loop at this rate; without it a closed loop. */
  readonly requestsPerSecond?: number;
  /** What ours may cost at most, as a multiple of nginx. */
  readonly timesNginxMax: number;
  /** Whether ours must cost less than vllm-router. */
  readonly isBelowVllmRouter: boolean;
}

/** At a fixed rate a router works in many small steps; in a closed loop it takes what has come meanwhile together. */
export const cases: readonly Case[] = [
  {
    name: "2 KB posts at 4,000/s",
    group: "posts",
    shape: "post",
    unit: "request",
    connectionCount: 64,
    requestsPerSecond: 4_000,
    timesNginxMax: 1.5,
    isBelowVllmRouter: true,
  },
  {
    name: "2 KB posts, closed loop of 64",
    group: "posts",
    shape: "post",
    unit: "request",
    connectionCount: 64,
    timesNginxMax: 1.5,
    isBelowVllmRouter: true,
  },
  {
    name: "500 streams, an event each 50 ms",
    group: "stream",
    shape: "stream",
    unit: "event",
    connectionCount: 500,
    timesNginxMax: 1.5,
    isBelowVllmRouter: false,
  },
  {
    name: "626 KB bodies at 150/s",
    group: "large",
    shape: "large",
    unit: "request",
    connectionCount: 16,
    requestsPerSecond: 150,
    timesNginxMax: 2,
    isBelowVllmRouter: false,
  },
  {
    name: "626 KB bodies, closed loop of 16",
    group: "large",
    shape: "large",
    unit: "request",
    connectionCount: 16,
    timesNginxMax: 2,
    isBelowVllmRouter: false,
  },
];
