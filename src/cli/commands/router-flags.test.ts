import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { loadConfig } from "../../config/mod.ts";
import { makePlan } from "../../plan/mod.ts";
import { testInventory } from "../../plan/test-support/inventory.ts";
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

const busyRouter = join(import.meta.dirname, "../../../examples/busy-router.toml");

test("routerFlags takes every flag that a Plan gives to the router", async () => {
  const own = new Set<string>();
  for (const words of [
    ["@", busyRouter, "--server.api-key-file", "k", "--server.ssl-certfile", "c"],
    ["--server.uds", "p.sock", "--server.ssl-certfile", "c", "--server.ssl-keyfile", "k"],
    ["--engine", "embedded", "--deployment.type", "disaggregated"],
  ]) {
    const { nodes } = makePlan((await loadConfig(words)).config, testInventory);
    const router = nodes[0]!.processes.find(({ kind }) => kind === "router")!;
    for (const word of router.argv) if (word.startsWith("--")) own.add(word.slice(2));
  }
  const names = new Set(Object.keys(routerFlags).map(toKebab));
  assert.deepEqual(
    [...own].filter((flag) => !names.has(flag)),
    [],
  );
  assert.ok(own.size > 20, [...own].join(" "));
});

function toKebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
