import assert from "node:assert/strict";
import { createLogger, type LogLine, parseLogLine } from "../../telemetry/mod.ts";
import { type Router, type RouterOptions, startRouter } from "../start-router.ts";
import type { ListenAddress } from "../accept/listen.ts";
import type { RankRole } from "../ranks/rank-table.ts";
import { metricOf } from "./metric-of.ts";
import { eventually } from "./within.ts";

export interface TestRouter extends Router {
  readonly address: ListenAddress;
  readonly log: readonly LogLine[];
  /** Waits until nothing is in flight: every lease has been given back. */
  settles(): Promise<void>;
  /** The sum of the samples of a metric of /metrics that have these labels: `name` or `name{label="value"}`. */
  metric(name: string): Promise<number>;
  [Symbol.asyncDispose](): Promise<void>;
}

export type TestRouterOptions = Omit<Partial<RouterOptions>, "ranks"> & {
  /** How many ranks must be up before the test begins. Default: all. */
  readonly upCount?: number;
};

/** A router on loopback in front of these ranks, with short intervals, once its ranks are up. */
export async function startTestRouter(
  ranks: readonly { readonly url: string; readonly role?: RankRole }[],
  options: TestRouterOptions = {},
): Promise<TestRouter> {
  const { upCount = ranks.length, ...rest } = options;
  const log: LogLine[] = [];
  const write = (line: string) => void log.push(parseLogLine(line.trimEnd())!);
  const router = await startRouter({
    host: "127.0.0.1",
    port: 0,
    policy: "round_robin",
    logger: createLogger({ name: "router", format: "json", level: "debug", write }),
    ranks: ranks.map(({ url, role = "both" }, index) => ({ index, url, role })),
    ...rest,
    limits: { tickMs: 10, ...rest.limits },
    health: { downIntervalMs: 20, upIntervalMs: 50, ...rest.health },
  });
  assert.ok(router.address !== undefined);
  const countUp = () => router.status().filter(({ state }) => state === "up").length;
  await eventually("ranks come up", () => countUp() >= upCount);
  return {
    ...router,
    address: router.address,
    log,
    settles: () =>
      eventually("all leases are released", () =>
        router.status().every(({ inFlight }) => inFlight === 0),
      ),
    metric: async (name) => {
      const text = await (await fetch(`${router.url}/metrics`)).text();
      return metricOf(text, name);
    },
    [Symbol.asyncDispose]: () => router.close(),
  };
}
