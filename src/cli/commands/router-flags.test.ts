import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultHealthOptions, defaultRouterLimits } from "../../router/mod.ts";
import { routerFlags } from "./router-flags.ts";

test("routerFlags tells the defaults that the router has", () => {
  const limits = defaultRouterLimits;
  const health = defaultHealthOptions;
  const told: readonly (readonly [keyof typeof routerFlags, number])[] = [
    ["maxConnections", limits.connectionsMax],
    ["maxConcurrentRequests", limits.requestsInFlightMax],
    ["queueSize", limits.queueDepthMax],
    ["queueTimeoutSecs", limits.queueMsMax / 1_000],
    ["maxPayloadSize", limits.bodyBytesMax],
    ["rankSilenceTimeoutSecs", limits.rankSilenceMsMax / 1_000],
    ["healthCheckIntervalSecs", health.upIntervalMs / 1_000],
    ["healthCheckTimeoutSecs", health.timeoutMs / 1_000],
    ["healthFailureThreshold", health.failuresMax],
  ];
  for (const [name, value] of told)
    assert.match(routerFlags[name].brief, new RegExp(`; default ${value}$`), name);
  assert.match(
    routerFlags.drainTimeoutSecs.brief,
    new RegExp(`default ${limits.drainMsMax / 1_000}`),
  );
});
