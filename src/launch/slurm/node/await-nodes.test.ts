import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import type { Plan, ReadyCheck } from "../../../plan/mod.ts";
import { awaitNodes } from "./await-nodes.ts";

async function serve(context: TestContext): Promise<{ port: number; paths: string[] }> {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    paths.push(request.url!);
    response.writeHead(paths.length > 1 ? 200 : 503).end();
  });
  server.listen(0, "::ffff:127.0.0.1");
  await once(server, "listening");
  context.after(() => void server.close());
  return { port: (server.address() as AddressInfo).port, paths };
}

/** A Plan of two nodes with one process on each, with just what awaitNodes() looks at. */
function planWith(ready: ReadyCheck, client: readonly string[]): Plan {
  const nodes = [0, 1].map((index) => ({ index, processes: [{ id: `rank-${index}`, ready }] }));
  return { nodes, endpoints: { client, ranks: [] } } as unknown as Plan;
}

/** Loopback in a spelling that is not taken for a node's own. */
const reachableHost = "0177.0.0.1";

test("awaitNodes() asks the other nodes until they are ready, and the client endpoint once", async (context) => {
  const { port, paths } = await serve(context);
  const url = `http://${reachableHost}:${port}/health`;
  const plan = planWith({ kind: "http", url, timeoutMs: 20_000 }, [`http://127.0.0.1:${port}`]);
  await awaitNodes(plan, 0, { signal: new AbortController().signal });
  assert.deepEqual(paths, ["/health", "/health"]);
});

test("awaitNodes() leaves to a node what it asks on its own loopback", async () => {
  const plan = planWith({ kind: "http", url: "http://127.0.0.1:1/ready", timeoutMs: 1 }, []);
  await awaitNodes(plan, 0, { signal: new AbortController().signal });
});

test("awaitNodes() leaves a Unix socket to the node that it is on", async () => {
  const plan = planWith({ kind: "started" }, ["unix:/nowhere/p.sock"]);
  await awaitNodes(plan, 0, { signal: new AbortController().signal, timeoutMs: -1 });
});

test("awaitNodes() names what does not answer in its time", async () => {
  const url = `http://${reachableHost}:1/health`;
  const plan = planWith({ kind: "http", url, timeoutMs: 1 }, []);
  await assert.rejects(
    awaitNodes(plan, 0, { signal: new AbortController().signal, timeoutMs: -1 }),
    { code: "NODE_UNREACHABLE", message: /"rank-1".*0177\.0\.0\.1:1\/health/ },
  );
});

test("awaitNodes() ends when it is told to", async () => {
  const stop = new AbortController();
  const plan = planWith({ kind: "port", host: reachableHost, port: 1, timeoutMs: 60_000 }, []);
  const waiting = awaitNodes(plan, 0, { signal: stop.signal });
  stop.abort();
  await assert.rejects(waiting, { name: "AbortError" });
});
