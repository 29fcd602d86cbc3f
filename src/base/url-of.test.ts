import assert from "node:assert/strict";
import { test } from "node:test";
import { printable, urlOf } from "./mod.ts";

test("urlOf() names a reachable address for hosts that mean every interface", () => {
  assert.equal(urlOf("127.0.0.1", 8000), "http://127.0.0.1:8000");
  assert.equal(urlOf("0.0.0.0", 8000), "http://127.0.0.1:8000");
  assert.equal(urlOf("::", 8000), "http://[::1]:8000");
  assert.equal(urlOf("fe80::1", 8000), "http://[fe80::1]:8000");
  assert.equal(urlOf("node-3", 8000), "http://node-3:8000");
});

test("printable() takes colours and cursor moves out, and keeps tabs, line ends and letters", () => {
  assert.equal(printable("\u001b[31mré\td\r\n"), "\u{fffd}[31mré\td\u{fffd}\n");
});
