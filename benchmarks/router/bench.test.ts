import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { after, before, test } from "node:test";
import { Bench } from "./bench.ts";
import type { LoadJob } from "./load-process.ts";

let bench: Bench;
before(async () => {
  bench = await Bench.open();
});
after(() => bench.close());

function jobFor(port: number, rest: Partial<LoadJob>): LoadJob {
  const base = { port, pids: [], connectionCount: 4, warmSeconds: 0.2, seconds: 0.3 };
  return { ...base, shape: "post", ...rest };
}

test("Bench.load() gets right answers of ranks in every shape", async () => {
  const port = bench.rankPorts[0]!;
  for (const rest of [
    { requestsPerSecond: 200 },
    {},
    { shape: "large" },
    { shape: "stream" },
  ] as const) {
    const result = await bench.load(jobFor(port, rest));
    assert.ok(result.answerCount > 0 || result.eventCount > 0, JSON.stringify(result));
  }
});

test("Bench.load() fails where answers are wrong, missing or cut", async () => {
  const faults = {
    "HTTP/1.1 503": "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
    "length of an answer": "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes",
    "closed a connection": undefined,
  };
  for (const [reason, answer] of Object.entries(faults)) {
    const server = createServer((socket) => {
      socket.on("error", () => undefined); // The clients leave as soon as they have failed.
      socket.on("data", () => (answer === undefined ? socket.end() : socket.write(answer)));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    await assert.rejects(bench.load(jobFor(port, {})), new RegExp(reason));
    server.close();
  }
});
