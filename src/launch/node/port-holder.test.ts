import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { basename } from "node:path";
import { test } from "node:test";
import { findPortHolder } from "./port-holder.ts";

test("findPortHolder() names the process that listens", async (context) => {
  for (const host of ["127.0.0.1", "::1"]) {
    const server = createServer().listen(0, host);
    context.after(() => server.close());
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const holder = findPortHolder(port);
    assert.ok(holder.startsWith(`pid ${process.pid} (${basename(process.argv[0]!)} `), holder);
    assert.ok(holder.length < 100, holder);
  }
});

test("findPortHolder() admits what it cannot see", () => {
  assert.equal(findPortHolder(1, "/no/such/proc"), "another process");
});
