import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createLogger } from "../../telemetry/mod.ts";
import { startRouter } from "../start-router.ts";
import { startRank } from "../test-support/test-rank.ts";
import { eventually, within } from "../test-support/within.ts";
import { listen } from "./listen.ts";

async function makeDirectory() {
  const path = await mkdtemp(join(tmpdir(), "penstock-listen-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

async function close(server: Server): Promise<void> {
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

async function statusOverSocket(socketPath: string, path: string): Promise<number | undefined> {
  const asked = request({ socketPath, path, agent: false }).end();
  const [response] = await within("an answer", once(asked, "response"));
  response.resume();
  await once(response, "end");
  return response.statusCode;
}

test("listen() lets listeners share a port when they say so", async () => {
  const first = createServer();
  const second = createServer();
  const address = await listen(first, { host: "127.0.0.1", port: 0, isShared: true });
  assert.ok(address !== undefined);
  const { host, port } = address;
  assert.deepEqual(await listen(second, { host, port, isShared: true }), address);
  await assert.rejects(listen(createServer(), { host, port }), {
    code: "ROUTER_CANNOT_LISTEN",
    facts: { host, port, reason: "EADDRINUSE" },
  });
  await Promise.all([close(first), close(second)]);
});

test("startRouter() serves on a Unix socket and takes it away when it closes", async () => {
  await using directory = await makeDirectory();
  await using rank = await startRank((_request, response) => response.end("answer"));
  const uds = join(directory.path, "router.sock");
  const logger = createLogger({ name: "router", format: "json", write: () => undefined });
  const router = await startRouter({
    host: "127.0.0.1",
    port: 0,
    uds,
    policy: "round_robin",
    logger,
    ranks: [{ index: 0, url: rank.url }],
  });
  assert.equal(router.url, `unix:${uds}`);
  assert.equal(router.address, undefined);
  await eventually("the rank is up", () => router.status()[0]!.state === "up");
  assert.equal(await statusOverSocket(uds, "/v1/anything"), 200);
  assert.equal(await statusOverSocket(uds, "/health"), 200);
  await router.close();
  assert.equal(existsSync(uds), false);
});

test("listen() replaces the socket of a process that was killed", async () => {
  await using directory = await makeDirectory();
  const uds = join(directory.path, "old.sock");
  const script = `require("node:net").createServer().listen(${JSON.stringify(uds)}, () => console.log("up"))`;
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  await within("the other process", once(child.stdout, "data"));
  await assert.rejects(listen(createServer(), { uds }), {
    code: "ROUTER_CANNOT_LISTEN_ON_SOCKET",
    facts: { path: uds, reason: "another process listens on it" },
  });
  child.kill("SIGKILL");
  await within("its end", once(child, "exit"));
  assert.equal(existsSync(uds), true);
  const server = createServer();
  await listen(server, { uds });
  await close(server);
});

test("listen() leaves files alone that are no sockets, and names what else is wrong", async () => {
  await using directory = await makeDirectory();
  const uds = join(directory.path, "file");
  await writeFile(uds, "mine");
  await assert.rejects(listen(createServer(), { uds }), {
    code: "ROUTER_CANNOT_LISTEN_ON_SOCKET",
    facts: { path: uds, reason: "it is no socket" },
  });
  assert.equal(existsSync(uds), true);
  const nowhere = join(directory.path, "missing", "router.sock");
  await assert.rejects(listen(createServer(), { uds: nowhere }), (error: Error) => {
    assert.match(
      error.message,
      /^Cannot start the router: listening on the Unix socket ".*missing/,
    );
    return true;
  });
});
