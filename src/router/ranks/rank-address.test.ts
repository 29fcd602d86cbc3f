import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRankAddress } from "./rank-address.ts";

test("parseRankAddress() reads host, port and authority", () => {
  const address = parseRankAddress({ index: 3, url: "http://node-7:8100/" });
  assert.deepEqual(
    { ...address },
    { index: 3, url: "http://node-7:8100/", host: "node-7", port: 8100, authority: "node-7:8100" },
  );
  assert.equal(parseRankAddress({ index: 0, url: "http://x" }).port, 80);
});

test("parseRankAddress() takes IPv6", () => {
  const { host, port, authority } = parseRankAddress({ index: 0, url: "http://[::1]:81" });
  assert.deepEqual([host, port, authority], ["::1", 81, "[::1]:81"]);
});

test("parseRankAddress() refuses what is no plain http URL", () => {
  for (const url of ["", "x:80", "https://x", "http://x/v1", "http://x?a", "http://u:p@x", "/a"]) {
    assert.throws(() => parseRankAddress({ index: 0, url }), { code: "ROUTER_RANK_INVALID" }, url);
  }
  for (const index of [-1, 0.5, NaN]) {
    assert.throws(() => parseRankAddress({ index, url: "http://x" }), {
      code: "ROUTER_RANK_INVALID",
    });
  }
});
