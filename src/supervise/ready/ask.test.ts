import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { test, type TestContext } from "node:test";
import { certificates } from "../../../test/support/certificates.ts";
import { answersOk, listsModel, takesConnections } from "./ask.ts";

const never = new AbortController().signal;

async function serve(context: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/models`;
}

test("answersOk() is yes for 200 alone", async (context) => {
  let status = 200;
  const url = await serve(context, (_request, response) => void response.writeHead(status).end());
  assert.equal(await answersOk(url, never), true);
  for (status of [204, 404, 503]) assert.equal(await answersOk(url, never), false);
  assert.equal(await answersOk("http://127.0.0.1:1/", never), false);
});

test("answersOk() asks over TLS, whatever the certificate", async (context) => {
  const server = createTlsServer(certificates.first, (_request, response) => response.end());
  server.listen(0, "127.0.0.1");
  context.after(() => server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  assert.equal(await answersOk(`https://127.0.0.1:${port}/health`, never), true);
  assert.equal(await answersOk(`http://127.0.0.1:${port}/health`, never), false);
});

test("answersOk() asks over a Unix socket, with and without TLS", async (context) => {
  const directory = mkdtempSync(join(tmpdir(), "penstock-ask-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const servers = {
    http: createServer((_request, response) => response.end()),
    https: createTlsServer(certificates.first, (_request, response) => response.end()),
  };
  for (const [protocol, server] of Object.entries(servers)) {
    const socketPath = join(directory, protocol);
    const target = { url: `${protocol}://localhost/health`, socketPath };
    assert.equal(await answersOk(target, never), false);
    server.listen(socketPath);
    context.after(() => server.close());
    await once(server, "listening");
    assert.equal(await answersOk(target, never), true);
  }
});

test("answersOk() ends when it is aborted while a server keeps silent", async (context) => {
  const controller = new AbortController();
  const url = await serve(context, () => controller.abort());
  assert.equal(await answersOk(url, controller.signal), false);
});

test("listsModel() is yes when the list has the model, and no for anything else", async (context) => {
  const listed = JSON.stringify({ data: [{ id: "other" }, { id: "m" }] });
  const answers: readonly (readonly [status: number, body: string, isYes: boolean])[] = [
    [200, listed, true],
    [500, listed, false],
    [200, "not JSON", false],
    [200, "null", false],
    [200, '{"data":{}}', false],
    [200, JSON.stringify({ data: [null, 3, { id: "other" }] }), false],
    [200, JSON.stringify({ data: [{ id: "m" }], padding: "x".repeat(1_100_000) }), false],
  ];
  let asked = 0;
  const url = await serve(context, (_request, response) => {
    response.on("error", () => {}); // The longest body is not read to its end.
    const [status, body] = answers[asked++]!;
    response.writeHead(status).end(body);
  });
  for (const [, body, isYes] of answers)
    assert.equal(await listsModel(url, "m", never), isYes, body.slice(0, 80));
});

test("listsModel() is no when the answer breaks off", async (context) => {
  const url = await serve(context, (_request, response) => {
    response.writeHead(200, { "content-length": "100" }).write('{"data":[');
    response.destroy();
  });
  assert.equal(await listsModel(url, "m", never), false);
});

test("takesConnections() is yes while somebody listens", async () => {
  const server = createTcpServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
  assert.equal(await takesConnections(address, never), true);
  server.close();
  await once(server, "close");
  assert.equal(await takesConnections(address, never), false);
});
