import assert from "node:assert/strict";
import { test } from "node:test";
import { load, reportOf } from "../test-support/load.ts";

test("routerSecurity() refuses keys and TLS that no router would have", async () => {
  for (const type of ["vllm-router", "llm-d"])
    for (const key of ["api_key_file", "ssl_certfile", "ssl_keyfile"])
      assert.match(
        await reportOf(`--router.type ${type} --server.${key} file`),
        new RegExp(`--server\\.${key} +"file"\\n +Expected "None" with router\\.type = "${type}"`),
      );
});

test("routerSecurity() refuses a private key alone", async () => {
  assert.match(
    await reportOf("--server.ssl_keyfile key.pem"),
    /--server\.ssl_keyfile .*\n +Expected a path with server\.ssl_keyfile/,
  );
});

test("routerSecurity() takes keys and TLS of Penstock's own router", async () => {
  const words = "--server.api_key_file keys --server.ssl_certfile cert.pem";
  const { server } = (await load(words)).config;
  assert.deepEqual([server.api_key_file, server.ssl_certfile], ["keys", "cert.pem"]);
  assert.ok((await load(`${words} --server.ssl_keyfile key.pem`)).config);
});
