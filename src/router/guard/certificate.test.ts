import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, type RequestOptions, request as httpsRequest } from "node:https";
import type { IncomingMessage } from "node:http";
import { buffer, text } from "node:stream/consumers";
import { test } from "node:test";
import { connect, type TLSSocket } from "node:tls";
import { certificateFiles } from "../test-support/certificate-files.ts";
import { certificates } from "../../../test/support/certificates.ts";
import { RawClient } from "../test-support/raw-client.ts";
import { startRank } from "../test-support/test-rank.ts";
import { metricOf } from "../test-support/metric-of.ts";
import { startTestRouter } from "../test-support/test-router.ts";
import { eventually, within } from "../test-support/within.ts";

const ca = [certificates.first.cert, certificates.second.cert];

async function ask(url: string, options: RequestOptions = {}, body?: Buffer) {
  const request = httpsRequest(url, { ca, agent: false, ...options });
  request.end(body);
  const [response] = (await within("the answer", once(request, "response"))) as [IncomingMessage];
  return response;
}

/** The name in the certificate that a new connection is shown. */
async function nameShownAt(port: number): Promise<string> {
  const socket = connect({ host: "127.0.0.1", port, ca });
  try {
    await within("the handshake", once(socket, "secureConnect"));
    return String(socket.getPeerCertificate().subject.CN);
  } finally {
    socket.destroy();
  }
}

test("Certificate lets clients speak TLS, with bodies of any length in both directions", async (t) => {
  const { files } = await certificateFiles(t, "first");
  await using rank = await startRank((request, response) => void request.pipe(response));
  await using router = await startTestRouter([rank], { tls: files });
  assert.match(router.url, /^https:\/\/127\.0\.0\.1:\d+$/);
  assert.equal((await ask(`${router.url}/health`)).statusCode, 200);
  const body = Buffer.alloc(5_000_000, "0123456789");
  const echo = await ask(`${router.url}/v1/x`, { method: "POST" }, body);
  assert.ok((await within("the echo", buffer(echo))).equals(body));
  const socket = connect({
    host: "127.0.0.1",
    port: router.address.port,
    ca,
    ALPNProtocols: ["h2", "http/1.1"],
  });
  await within("the handshake", once(socket, "secureConnect"));
  assert.equal(socket.alpnProtocol, "http/1.1");
  socket.destroy();
  await router.settles();
});

test("Certificate is renewed under open connections, and stays where its files do not fit", async (t) => {
  const { files, writeCert, writeKey } = await certificateFiles(t, "first");
  await using rank = await startRank((_request, response) => response.end("ours"));
  const options = { tls: files, limits: { fileCheckMs: 1 } };
  await using router = await startTestRouter([rank], options);
  const { port } = router.address;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  const first = await ask(`${router.url}/v1/x`, { agent });
  const socket = first.socket as TLSSocket;
  assert.equal(await text(first), "ours");
  assert.equal(await nameShownAt(port), "penstock-test-a");
  await writeKey("second");
  await eventually("the fault is told", () => router.log.some(({ level }) => level === "error"));
  assert.equal(await nameShownAt(port), "penstock-test-a");
  await writeCert("second");
  await eventually("the other one", async () => (await nameShownAt(port)) === "penstock-test-b");
  const second = await ask(`${router.url}/v1/x`, { agent });
  assert.ok(second.socket === socket, "The connection was not used again");
  assert.equal(await text(second), "ours");
  assert.doesNotMatch(JSON.stringify(router.log), /BEGIN/);
});

test("Certificate: connections have a limited time for their handshake, and what is no TLS ends", async (t) => {
  const { files } = await certificateFiles(t, "first");
  await using rank = await startRank(() => undefined);
  const limits = { headMsMax: 100 };
  await using router = await startTestRouter([rank], { tls: files, limits });
  using silent = new RawClient(router.url);
  await silent.ended();
  assert.equal(silent.received, "");
  using plain = new RawClient(router.url).send("GET /health HTTP/1.1\r\nhost: x\r\n\r\n");
  assert.doesNotMatch(await plain.ended(), /HTTP/);
  const socket = connect({ host: "127.0.0.1", port: router.address.port, ca });
  await within("the handshake", once(socket, "secureConnect"));
  socket.resume();
  await within("the end without a head", once(socket, "close"));
});

test("Certificate: a connection takes its place before its handshake, and gives it back", async (t) => {
  const { files } = await certificateFiles(t, "first");
  await using rank = await startRank(() => undefined);
  const limits = { connectionsMax: 2 };
  await using router = await startTestRouter([rank], { tls: files, limits });
  const silent = [new RawClient(router.url), new RawClient(router.url)];
  for (const { socket } of silent) if (socket.connecting) await once(socket, "connect");
  using more = new RawClient(router.url);
  await more.ended();
  for (const { socket } of silent) assert.ok(!socket.closed);
  for (const client of silent) client.socket.destroy();
  await eventually("there is room", async () => {
    const socket = connect({ host: "127.0.0.1", port: router.address.port, ca });
    socket.on("error", () => undefined); // Still full: the next attempt tries again.
    const isIn = await Promise.race([
      once(socket, "secureConnect").then(
        () => true,
        () => false,
      ),
      once(socket, "close").then(
        () => false,
        () => false,
      ),
    ]);
    socket.destroy();
    return isIn;
  });
  for (let number = 0; number < 6; number++) {
    await eventually("room for one after the other", () =>
      ask(`${router.url}/health`).then(
        ({ statusCode }) => statusCode === 200,
        () => false,
      ),
    );
  }
  const metrics = await text(await ask(`${router.url}/metrics`));
  assert.ok(metricOf(metrics, 'penstock_router_requests_total{status="5xx"}') >= 1);
});

test("Certificate: an answer that breaks off is no whole one, and close() waits for no handshake", async (t) => {
  const { files } = await certificateFiles(t, "first");
  await using rank = await startRank((_request, response) => {
    response.writeHead(200, { "content-length": 10 });
    response.write("half");
    setImmediate(() => response.destroy());
  });
  const limits = { drainMsMax: 50 };
  await using router = await startTestRouter([rank], { tls: files, limits });
  const answer = await ask(`${router.url}/v1/x`);
  await assert.rejects(within("the cut", text(answer)), { code: "ECONNRESET" });
  using silent = new RawClient(router.url);
  if (silent.socket.connecting) await once(silent.socket, "connect");
  await within("the router closes", router.close());
  await silent.ended();
});
