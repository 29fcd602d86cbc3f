import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { scratchDirectory } from "../test-support/scratch-directory.ts";
import { findBusyPorts, listeningSockets } from "./listening-sockets.ts";

const header =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";

test("listeningSockets() reads both tables and takes sockets that listen only", (context) => {
  const proc = scratchDirectory(context);
  mkdirSync(join(proc, "net"));
  const tcp = [
    header,
    "   0: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 777 1 0",
    "   1: 0100007F:1F41 0100007F:9000 01 00000000:00000000 00:00000000 00000000     0        0 888 1 0",
    "cut off: 0100007F:1F42 00000000:0000 0A",
  ];
  const tcp6 = [
    header,
    "   0: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 999 1 0",
    "   1: 00000000000000000000000001000000:1F40 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1 0",
  ];
  writeFileSync(join(proc, "net", "tcp"), tcp.join("\n"));
  writeFileSync(join(proc, "net", "tcp6"), tcp6.join("\n"));
  assert.deepEqual(listeningSockets(proc), [
    { port: 8000, inode: "777" },
    { port: 22, inode: "999" },
    { port: 8000, inode: "111" },
  ]);
  assert.deepEqual(findBusyPorts(proc), [22, 8000]);
});

test("findBusyPorts() sees a port of this machine, and nothing on a system without /proc", async (context) => {
  const server = createServer().listen(0, "127.0.0.1");
  context.after(() => server.close());
  await once(server, "listening");
  assert.ok(findBusyPorts().includes((server.address() as AddressInfo).port));
  assert.deepEqual(findBusyPorts("/nowhere"), []);
});
