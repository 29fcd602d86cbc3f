import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { test } from "node:test";
import { findPortHolder, listenersOn } from "./port-holder.ts";

test("findPortHolder() names the process that listens", async (context) => {
  for (const host of ["127.0.0.1", "::1"]) {
    const server = createServer().listen(0, host);
    context.after(() => server.close());
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const holder = findPortHolder(port);
    assert.ok(holder.startsWith(`pid ${process.pid} (${process.argv[0]!.slice(0, 20)}`), holder);
    assert.ok(holder.length < 100, holder);
  }
});

test("findPortHolder() admits what it cannot see", () => {
  assert.equal(findPortHolder(1, "/no/such/proc"), "another process");
});

test("listenersOn() reads the kernel's table: listening sockets of this port only", () => {
  const table = [
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
    "   0: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0",
    "   1: 0100007F:1F40 0100007F:A000 01 00000000:00000000 00:00000000 00000000  1000        0 4712 1 0",
    "   2: 0100007F:1F41 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4713 1 0",
  ].join("\n");
  assert.deepEqual(listenersOn(8000, table), ["4711"]);
  assert.deepEqual(listenersOn(80, table), []);
});
