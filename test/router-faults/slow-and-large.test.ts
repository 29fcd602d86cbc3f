import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { request } from "node:http";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "../support/eventually.ts";
import { readMetric } from "../support/metrics.ts";
import { startRouterProcess, startStreamRank } from "./router-process.ts";

const leasesMetric = "penstock_router_requests_in_flight";
const megabyte = 1_048_576;

function openClient(context: TestContext, port: number): Socket {
  const socket = connect({ host: "127.0.0.1", port });
  socket.on("error", () => undefined); // Seen where it matters by what it received.
  context.after(() => socket.destroy());
  return socket;
}

async function startScene(context: TestContext) {
  const rank = await startStreamRank(context);
  const router = await startRouterProcess(context, { rankUrls: [rank.url] });
  const counts = async () => (await (await fetch(`${rank.url}/counts`)).json()) as Counts;
  return { rank, router, counts };
}

interface Counts {
  readonly active: number;
  readonly started: number;
  readonly floodedBytes: number;
}

test("router holds the rank back for readers at 1 KB/s, and keeps no more than its limit of each", async (context) => {
  const { router, counts } = await startScene(context);
  const readerCount = 10;
  const floodBytes = 64 * megabyte;
  await (await fetch(`${router.url}/v1/completions`, { method: "POST", body: "{}" })).text();
  const rssBytes = router.rssBytes;
  for (let count = 0; count < readerCount; count++) {
    const socket = openClient(context, router.port);
    socket.pause();
    socket.write(`POST /flood/${floodBytes} HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n`);
    const timer = setInterval(() => socket.read(100), 100);
    context.after(() => clearInterval(timer));
  }
  await eventually("all answers have begun", async () => (await counts()).active === readerCount);
  let before = -1;
  const floodedBytes = await eventually("the rank is held back", async () => {
    const { floodedBytes: now } = await counts();
    const stands = now > 0 && now - before < 64 * 1_024;
    before = now;
    await sleep(500);
    return stands ? now : undefined;
  });
  // Kernel buffers of four sockets lie between rank and reader; the rest of each answer must still be at the rank.
  assert.ok(floodedBytes < (readerCount * floodBytes) / 2, `${floodedBytes} bytes`);
  const growth = router.rssBytes - rssBytes;
  context.diagnostic(`${(growth / megabyte).toFixed(1)} MiB for ${readerCount} slow readers`);
  assert.ok(growth < readerCount * megabyte + 32 * megabyte, `${growth} bytes`);
  const answer = await fetch(`${router.url}/v1/completions`, { method: "POST", body: "{}" });
  assert.equal(answer.status, 200);
});

for (const framing of ["length", "chunked"] as const) {
  test(`router passes on bodies of 64 MB with ${framing} framing as they are, without holding them`, async (context) => {
    const { router } = await startScene(context);
    const body = randomBytes(64 * megabyte);
    const expected = { n: body.length, sha: createHash("sha256").update(body).digest("hex") };
    const headers = framing === "length" ? { "content-length": body.length } : {};
    await post(router.url, body.subarray(0, 1), {});
    const rssBytes = router.rssBytes;
    for (let count = 0; count < bodyCount; count++) {
      assert.deepEqual(JSON.parse(await post(router.url, body, headers)), expected);
    }
    const growth = router.rssBytes - rssBytes;
    context.diagnostic(`${(growth / megabyte).toFixed(1)} MiB more`);
    assert.ok(growth < (bodyCount * body.length) / 2, `${growth} bytes`);
  });
}

const bodyCount = 4;

function post(url: string, body: Buffer, headers: Record<string, number>): Promise<string> {
  return new Promise<string>((resolve, reject) => {
    const asked = request(`${url}/v1/completions`, { method: "POST", headers });
    asked.on("error", reject);
    asked.on("response", (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.on("end", () => resolve(text));
    });
    for (let start = 0; start < body.length; start += megabyte) {
      asked.write(body.subarray(start, start + megabyte));
    }
    asked.end();
  });
}

test("router gives clients that send a byte a second no rank, and serves the others meanwhile", async (context) => {
  const { router, counts } = await startScene(context);
  const slowCount = 200;
  const head = "POST /v1/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
  const body = `{"prompt":"slow"}`;
  const answers: string[] = [];
  for (let count = 0; count < slowCount; count++) {
    const socket = openClient(context, router.port);
    answers.push("");
    socket.on("data", (chunk: Buffer) => (answers[count] += chunk.toString()));
    socket.write(`${head}content-length: ${body.length}\r\n\r\n`);
    let sent = 0;
    const timer = setInterval(
      () => {
        if (sent < body.length) socket.write(body[sent++]!);
      },
      1_000 * (count % 2 === 0 ? 0.3 : 1),
    );
    context.after(() => clearInterval(timer));
  }
  await sleep(1_000);
  assert.equal((await counts()).started, 0);
  const quick = await fetch(`${router.url}/v1/completions`, { method: "POST", body: "{}" });
  assert.equal(quick.status, 200);
  assert.equal(await readMetric(router.url, leasesMetric), 0);
  await eventually("the slow ones are served", () =>
    answers.every((answer) => answer.startsWith("HTTP/1.1 200 ") && answer.includes(`"n":17`)),
  );
});

test("router out of file descriptors says so once, does not spin, and goes on when there are some", async (context) => {
  const rank = await startStreamRank(context);
  const router = await startRouterProcess(context, {
    rankUrls: [rank.url],
    descriptorsMax: 64,
  });
  const greedy = Array.from({ length: 200 }, () => openClient(context, router.port));
  await eventually("it is out of descriptors", () => router.output().includes("EMFILE"));
  const cpuMs = router.cpuMs;
  await sleep(2_000);
  const spentMs = router.cpuMs - cpuMs;
  assert.ok(spentMs < 1_000, `${spentMs} ms of CPU time in 2 s`);
  for (const socket of greedy) socket.destroy();
  await eventually("it serves again", async () => {
    const asked = { method: "POST", body: "{}", signal: AbortSignal.timeout(2_000) };
    return (await fetch(`${router.url}/v1/completions`, asked)).status === 200;
  });
  assert.ok(router.output().split("Cannot accept connections").length - 1 <= 3, router.output());
});
