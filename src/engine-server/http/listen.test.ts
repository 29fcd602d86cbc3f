import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { serverOptions } from "../test-support/start-test-server.ts";
import { startEngineServer } from "../start-engine-server.ts";
import { listen } from "./listen.ts";

test("listen() gives the URL with the port that was bound", async (context) => {
  const server = createServer((_, response) => response.end("here"));
  context.after(() => server.close());
  const url = await listen(server, { host: "127.0.0.1", port: 0, purpose: "a test" });
  assert.equal(await (await fetch(url, { headers: { connection: "close" } })).text(), "here");
});

test("listen() names the port that is in use, before anything is loaded", async (context) => {
  const occupant = createServer().listen(0, "127.0.0.1");
  context.after(() => occupant.close());
  await once(occupant, "listening");
  const { port } = occupant.address() as { port: number };
  const startEngine = () => Promise.reject(new Error("loaded the engine"));
  await assert.rejects(startEngineServer(serverOptions({ port, startEngine })), {
    code: "PORT_IN_USE",
    facts: { port, purpose: "rank 3", holder: "another process", flag: "--server.port" },
  });
});

test("listen() names a host that is not of this machine", async () => {
  const options = { host: "192.0.2.1", port: 0, purpose: "a test" };
  await assert.rejects(listen(createServer(), options), { code: "SERVER_CANNOT_LISTEN" });
});
