import assert from "node:assert/strict";
import { test } from "node:test";
import { penstockRouter, type PenstockRouterOptions } from "./penstock-router.ts";
import { disaggregatedBackends, regularBackends } from "./test-support/backends.ts";

const options: PenstockRouterOptions = {
  command: ["node", "penstock.js"],
  host: "0.0.0.0",
  port: 8000,
  uds: null,
  threads: 1,
  policy: "round_robin",
  sessionHeaders: null,
  sessionsDirectory: null,
  adminUds: "/tmp/r/admin.sock",
  logLevel: "info",
  accessLog: null,
  allowedOrigins: [],
  maxConcurrentRequests: null,
  queueSize: null,
  queueTimeoutSeconds: null,
  maxPayloadBytes: null,
  drainSeconds: null,
  apiKeyFile: null,
  sslCertfile: null,
  sslKeyfile: null,
  backends: regularBackends,
  startTimeoutMs: 600_000,
};

test("penstockRouter() repeats the flag for each rank", () => {
  const { argv, ready } = penstockRouter(options);
  assert.deepEqual(argv.join(" ").split(" --"), [
    "node penstock.js router",
    "host 0.0.0.0",
    "port 8000",
    "policy round_robin",
    "admin-uds /tmp/r/admin.sock",
    "worker-urls http://{node:0}:8100",
    "worker-urls http://{node:0}:8101",
    "worker-urls http://{node:1}:8100",
    "worker-urls http://{node:1}:8101",
    "log-level info",
  ]);
  assert.deepEqual(ready, {
    kind: "http",
    url: "http://127.0.0.1:8000/health",
    timeoutMs: 600_000,
  });
});

test("penstockRouter() tells prefill ranks from decode ranks", () => {
  const { argv } = penstockRouter({ ...options, backends: disaggregatedBackends });
  assert.ok(argv.includes("--vllm-pd-disaggregation"));
  assert.ok(!argv.includes("--worker-urls"));
  assert.equal(argv.filter((word) => word === "--prefill").length, 8);
  assert.equal(argv.filter((word) => word === "--decode").length, 4);
});

test("penstockRouter() names the file of keys", () => {
  const { argv } = penstockRouter({ ...options, apiKeyFile: "/etc/keys" });
  assert.equal(argv[argv.indexOf("--api-key-file") + 1], "/etc/keys");
  assert.ok(!penstockRouter(options).argv.includes("--api-key-file"));
});

test("penstockRouter() with a certificate is asked over TLS whether it is ready", () => {
  const files = { sslCertfile: "/etc/cert.pem", sslKeyfile: "/etc/key.pem" };
  const { argv, ready } = penstockRouter({ ...options, ...files });
  assert.match(argv.join(" "), / --ssl-certfile \/etc\/cert\.pem --ssl-keyfile \/etc\/key\.pem /);
  assert.ok(ready.kind === "http" && ready.url === "https://127.0.0.1:8000/health");
});

test("penstockRouter() listens on a Unix socket, and is asked over it whether it is ready", () => {
  const { argv, ready, ports } = penstockRouter({ ...options, uds: "/run/p.sock" });
  assert.match(argv.join(" "), / router --uds \/run\/p\.sock --policy /);
  assert.deepEqual(ports, []);
  assert.deepEqual(ready, {
    kind: "http",
    url: "http://localhost/health",
    socketPath: "/run/p.sock",
    timeoutMs: 600_000,
  });
});

test("penstockRouter() hands over whatever the configuration settles", () => {
  const { argv } = penstockRouter({
    ...options,
    threads: 4,
    sessionHeaders: ["x-a", "x-b"],
    sessionsDirectory: "/o/sessions/r",
    accessLog: "/o/a.jsonl",
    allowedOrigins: ["https://a", "https://b"],
    maxConcurrentRequests: 1,
    queueSize: 0,
    queueTimeoutSeconds: 2,
    maxPayloadBytes: 3,
    drainSeconds: 1.5,
  });
  assert.deepEqual(
    argv
      .join(" ")
      .split(" --")
      .filter((flag) => !/^(node|host|port|policy|worker|log)/.test(flag)),
    [
      "threads 4",
      "session-header x-a",
      "session-header x-b",
      "sessions-dir /o/sessions/r",
      "admin-uds /tmp/r/admin.sock",
      "allowed-origins https://a",
      "allowed-origins https://b",
      "max-concurrent-requests 1",
      "queue-size 0",
      "queue-timeout-secs 2",
      "max-payload-size 3",
      "drain-timeout-secs 1.5",
      "access-log /o/a.jsonl",
    ],
  );
});
