import assert from "node:assert/strict";
import { test } from "node:test";
import { routerUrl, serverUrl } from "./server-url.ts";

test("serverUrl() leaves the braces of a placeholder alone", () => {
  assert.equal(serverUrl("{node:3}", 8100), "http://{node:3}:8100");
});

test("serverUrl() brackets IPv6 addresses and asks servers of every address on loopback", () => {
  assert.equal(serverUrl("::", 80, "/health"), "http://[::1]:80/health");
  assert.equal(serverUrl("0.0.0.0", 80, "/health"), "http://127.0.0.1:80/health");
  assert.equal(serverUrl("2001:db8::1", 80), "http://[2001:db8::1]:80");
});

test("routerUrl() names TLS where it is spoken", () => {
  assert.equal(routerUrl(true, "http://{node:3}:80"), "https://{node:3}:80");
  assert.equal(routerUrl(false, "http://{node:3}:80"), "http://{node:3}:80");
});
