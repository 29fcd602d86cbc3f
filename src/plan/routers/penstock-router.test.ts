import assert from "node:assert/strict";
import { test } from "node:test";
import { penstockRouter, type PenstockRouterOptions } from "./penstock-router.ts";
import { disaggregatedBackends, regularBackends } from "./test-support/backends.ts";

const options: PenstockRouterOptions = {
  command: ["node", "penstock.js"],
  host: "0.0.0.0",
  port: 8000,
  policy: "round_robin",
  logLevel: "info",
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
