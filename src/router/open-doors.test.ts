import assert from "node:assert/strict";
import { createServer, type AddressInfo } from "node:net";
import { test } from "node:test";
import { createLogger } from "../telemetry/mod.ts";
import { openDoors } from "./open-doors.ts";
import type { RouterCore } from "./router-core.ts";

const logger = createLogger({ name: "router", format: "json", write: () => undefined });
const ranks = [{ index: 0, url: "http://127.0.0.1:1" }];
const base = { host: "127.0.0.1", policy: "round_robin", logger, ranks } as const;

test("openDoors() closes what it has opened when the address is taken", async () => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", resolve));
  const { port } = holder.address() as AddressInfo;
  const cores: RouterCore[] = [];
  let closeCount = 0;
  const onCore = async (core: RouterCore) => {
    const { deadlines } = core.context;
    const close = deadlines.close.bind(deadlines);
    deadlines.close = () => {
      closeCount++;
      close();
    };
    cores.push(core);
  };
  await assert.rejects(openDoors({ ...base, port }, onCore), { code: "ROUTER_CANNOT_LISTEN" });
  assert.equal(cores.length, 1);
  assert.equal(closeCount, 1);
  holder.close();
});

test("openDoors() gives the address and closes once, however often it is asked to", async () => {
  const doors = await openDoors({ ...base, port: 0 });
  assert.equal(doors.url, `http://127.0.0.1:${doors.address?.port}`);
  const closed = doors.close();
  assert.equal(doors.core.desk.isDraining, true);
  await Promise.all([closed, doors.close()]);
  await assert.rejects(fetch(`${doors.url}/health`));
});
