import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { nodeAddress, replaceNodeAddresses } from "./node-address.ts";

test("replaceNodeAddresses() puts addresses into every text of a part, at any depth", () => {
  const part = {
    argv: ["--worker-urls", `http://${nodeAddress(1)}:8100`, "--port", "8000"],
    env: { VLLM_HOST_IP: nodeAddress(0) },
    files: [{ path: "a.yaml", content: "x: {node:0}\ny: {node:1}" }],
    ports: [{ host: "{node:0}", port: 8000 }],
    ready: null,
  };
  assert.deepEqual(replaceNodeAddresses(part, ["10.0.0.1", "10.0.0.2"]), {
    argv: ["--worker-urls", "http://10.0.0.2:8100", "--port", "8000"],
    env: { VLLM_HOST_IP: "10.0.0.1" },
    files: [{ path: "a.yaml", content: "x: 10.0.0.1\ny: 10.0.0.2" }],
    ports: [{ host: "10.0.0.1", port: 8000 }],
    ready: null,
  });
});

test("replaceNodeAddresses() puts brackets around an IPv6 address where a port follows", () => {
  assert.equal(
    replaceNodeAddresses("http://{node:0}:8000/x", ["fd00::1"]),
    "http://[fd00::1]:8000/x",
  );
  assert.equal(replaceNodeAddresses("--host {node:0}", ["fd00::1"]), "--host fd00::1");
});

test("replaceNodeAddresses() leaves what names no node of the deployment", () => {
  for (const text of [
    "{node:2}",
    "{node:}",
    "{node:x}",
    "{node:-1}",
    "{Node:0}",
    "{node:99999999}",
  ])
    assert.equal(replaceNodeAddresses(text, ["a", "b"]), text);
});

test("replaceNodeAddresses() changes nothing else of any JSON value", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      assert.deepEqual(replaceNodeAddresses(value, []), value);
    }),
  );
});
