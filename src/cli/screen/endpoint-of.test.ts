import assert from "node:assert/strict";
import { test } from "node:test";
import { endpointOf } from "./endpoint-of.ts";

test("endpointOf() is the base URL of clients, or a Unix socket", () => {
  assert.equal(endpointOf("http://127.0.0.1:8000"), "http://127.0.0.1:8000/v1");
  assert.equal(endpointOf("unix:/run/p.sock"), "unix:/run/p.sock");
});
