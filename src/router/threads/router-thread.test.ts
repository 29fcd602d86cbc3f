import assert from "node:assert/strict";
import { createServer, type AddressInfo } from "node:net";
import { test } from "node:test";
import { createLogger } from "../../telemetry/mod.ts";
import { systemClock } from "../net/clock.ts";
import { nodeNetwork } from "../net/node-network.ts";
import { makeRouterCore } from "../router-core.ts";
import { OtherThreads } from "./other-threads.ts";

test("a router thread that cannot listen says why, and the start fails with it", async () => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", resolve));
  const { port } = holder.address() as AddressInfo;
  const logger = createLogger({ name: "router", format: "json", write: () => undefined });
  const ranks = [{ index: 0, url: "http://127.0.0.1:1" }];
  const policy = "round_robin";
  const core = makeRouterCore({ ranks, policy, logger, clock: systemClock, network: nodeNetwork });
  const started = OtherThreads.start({
    count: 1,
    setting: { options: { policy }, host: "127.0.0.1", port, shared: core.shared },
    table: core.context.table,
    logger,
    onReport: () => undefined,
    expose: async () => "",
    drainMsMax: 1_000,
  });
  await assert.rejects(started, (error: Error & { code: string }) => {
    assert.equal(error.code, "ROUTER_THREAD_FAILED");
    assert.match(error.message, new RegExp(`port ${port} failed with EADDRINUSE`));
    return true;
  });
  core.close();
  holder.close();
});
