import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultHealthOptions, defaultRouterLimits } from "../../router/mod.ts";
import { routerOptions } from "./router-options.ts";

const flags = {
  policy: "consistent_hash",
  vllmPdDisaggregation: false,
  workerUrls: ["http://127.0.0.1:8100"],
  logLevel: "info",
} as const;

test("routerOptions() leaves to the router what no flag names", () => {
  const options = routerOptions(flags, {});
  assert.deepEqual(options.limits, {});
  assert.deepEqual(options.health, { downIntervalMs: 200 });
  assert.ok(!("sessionHeaders" in options));
  assert.deepEqual([options.host, options.port, options.uds], ["127.0.0.1", 8000, undefined]);
});

test("routerOptions() counts in milliseconds and bytes what flags count in seconds and bytes", () => {
  const { limits, health } = routerOptions(
    {
      ...flags,
      maxConnections: 1,
      maxConcurrentRequests: 2,
      queueSize: 0,
      queueTimeoutSecs: 3,
      maxPayloadSize: 4,
      rankSilenceTimeoutSecs: 5,
      drainTimeoutSecs: 1.5,
      healthCheckIntervalSecs: 6,
      healthCheckTimeoutSecs: 7,
      healthFailureThreshold: 8,
    },
    {},
  );
  assert.deepEqual(limits, {
    connectionsMax: 1,
    requestsInFlightMax: 2,
    queueDepthMax: 0,
    queueMsMax: 3_000,
    bodyBytesMax: 4,
    rankSilenceMsMax: 5_000,
    drainMsMax: 1_500,
  });
  assert.deepEqual(health, {
    downIntervalMs: 200,
    upIntervalMs: 6_000,
    timeoutMs: 7_000,
    failuresMax: 8,
  });
  for (const name of Object.keys(limits ?? {})) assert.ok(name in defaultRouterLimits, name);
  for (const name of Object.keys(health ?? {})) assert.ok(name in defaultHealthOptions, name);
});

test("routerOptions() hands paths, origins, headers and threads over", () => {
  const options = routerOptions(
    {
      ...flags,
      threads: 4,
      sessionHeader: ["x-a", "x-b"],
      sessionsDir: "sessions",
      adminUds: "admin.sock",
      accessLog: "-",
      allowedOrigins: ["*"],
    },
    { PENSTOCK_API_KEY: "k" },
  );
  assert.deepEqual([options.threads, options.sessionHeaders], [4, ["x-a", "x-b"]]);
  assert.deepEqual([options.sessionsDirectory, options.adminUds], ["sessions", "admin.sock"]);
  assert.deepEqual([options.accessLog, options.allowedOrigins], ["-", ["*"]]);
  assert.ok(options.apiKeys !== undefined);
});

test("routerOptions() takes a Unix socket in place of an address", () => {
  assert.equal(routerOptions({ ...flags, uds: "/s", threads: 1 }, {}).uds, "/s");
});

test("routerOptions() names all flags that do not go together", () => {
  const wrong = {
    ...flags,
    workerUrls: [],
    host: "::1",
    port: 8000,
    uds: "/s",
    adminUds: "/s",
    threads: 2,
    sslKeyfile: "k",
  };
  assert.throws(
    () => routerOptions(wrong, {}),
    (error: Error) => {
      for (const part of [
        "--host ::1 does not go with --uds",
        "--port 8000 does not go with --uds",
        "--threads 2 does not go with --uds: a Unix socket has one listener",
        "--admin-uds and --uds name the same socket",
        "no rank is named",
        "--ssl-certfile with --ssl-keyfile",
      ])
        assert.ok(error.message.includes(part), part);
      return true;
    },
  );
});
