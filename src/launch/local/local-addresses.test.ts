import assert from "node:assert/strict";
import { test } from "node:test";
import { localAddresses } from "./local-addresses.ts";

test("localAddresses() gives every node an address of its own", () => {
  assert.deepEqual(localAddresses(3), ["127.0.0.1", "127.0.0.2", "127.0.0.3"]);
  const many = localAddresses(600);
  assert.equal(new Set(many).size, 600);
  assert.deepEqual([many[253], many[254], many[599]], ["127.0.0.254", "127.0.1.1", "127.0.2.92"]);
});
