import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { test } from "node:test";
import { findServerPort } from "../../../test/support/free-ports.ts";
import type { PlannedNode } from "../../plan/mod.ts";
import { checkPorts } from "./check-ports.ts";

function nodeWith(host: string, port: number): PlannedNode {
  const planned = { purpose: "http", host, port, flag: "--server.port" } as const;
  const process = {
    id: "router-0",
    kind: "router",
    role: "both",
    replica: 0,
    instance: null,
    rank: null,
    argv: ["x"],
    env: {},
    files: [],
    directories: [],
    gpus: [],
    ports: [planned],
    ready: { kind: "started" },
    after: [],
    restart: null,
  } as const;
  return { index: 0, processes: [process] };
}

test("checkPorts() lets free ports pass and leaves them free", async () => {
  const port = await findServerPort(1);
  await checkPorts(nodeWith("127.0.0.1", port));
  await checkPorts(nodeWith("127.0.0.1", port));
});

test("checkPorts() names port, purpose, holder and flag of a port in use", async (context) => {
  const server = createServer().listen(0, "0.0.0.0");
  context.after(() => server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await assert.rejects(checkPorts(nodeWith("127.0.0.1", port)), {
    code: "PORT_IN_USE",
    message: new RegExp(`"router-0": port ${port} is already in use by pid ${process.pid} `),
    hint: /--server\.port/,
  });
});

test("checkPorts() names an address that is not of this machine", async () => {
  await assert.rejects(checkPorts(nodeWith("192.0.2.1", 8000)), {
    code: "ADDRESS_NOT_USABLE",
    message: /"192\.0\.2\.1" port 8000 is refused with EADDRNOTAVAIL/,
  });
});
