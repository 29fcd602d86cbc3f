import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { test } from "node:test";
import { findServerPort } from "../../../test/support/free-ports.ts";
import type { PlannedProcess } from "../../plan/mod.ts";
import { plannedProcess } from "../test-support/planned-process.ts";
import { checkPorts } from "./check-ports.ts";

function processWith(host: string, ...ports: readonly number[]): readonly PlannedProcess[] {
  const planned = ports.map(
    (port) => ({ purpose: "http", host, port, flag: "--server.port" }) as const,
  );
  return [plannedProcess({ ports: planned })];
}

async function holdPort(host: string) {
  const server = createServer().listen(0, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { port, [Symbol.dispose]: () => void server.close() };
}

test("checkPorts() lets free ports pass and leaves them free", async () => {
  const port = await findServerPort(1);
  await checkPorts(processWith("127.0.0.1", port));
  await checkPorts(processWith("127.0.0.1", port));
});

test("checkPorts() names port, purpose, holder and flag of a port in use", async () => {
  using held = await holdPort("0.0.0.0");
  await assert.rejects(checkPorts(processWith("127.0.0.1", held.port)), {
    code: "PORT_IN_USE",
    message: new RegExp(`"router-0": port ${held.port} is already in use by pid ${process.pid} `),
    hint: /--server\.port/,
  });
});

test("checkPorts() names all ports that are in use in one error", async () => {
  using first = await holdPort("127.0.0.1");
  using second = await holdPort("127.0.0.1");
  const free = await findServerPort(1);
  await assert.rejects(checkPorts(processWith("127.0.0.1", first.port, free, second.port)), {
    code: "PORTS_NOT_USABLE",
    message: new RegExp(
      `: 2 of its ports .*\n {4}.* port ${first.port} .*--server\\.port\n {4}.* port ${second.port} [^\n]*$`,
    ),
  });
});

test("checkPorts() names an address that is not of this machine", async () => {
  await assert.rejects(checkPorts(processWith("192.0.2.1", 8000)), {
    code: "ADDRESS_NOT_USABLE",
    message: /"192\.0\.2\.1" port 8000 is refused with EADDRNOTAVAIL/,
  });
});
