import assert from "node:assert/strict";
import { test } from "node:test";
import { formatNotice } from "./notice.ts";
import { describeOrigin, type Origin } from "./origin.ts";

const file = { path: "a.toml", text: "[server]\nport = 1" };
const origin: Origin = { kind: "file", file, keys: ["server", "port"], order: 0 };

test("describeOrigin() says in short where a value came from", () => {
  assert.equal(describeOrigin(origin), "a.toml:2:8");
  assert.equal(describeOrigin(origin, "key"), "a.toml:2:1");
  assert.equal(describeOrigin({ ...origin, keys: ["gone"] }), "a.toml");
  assert.equal(describeOrigin({ kind: "flag", flag: "--server.port", order: 0 }), "--server.port");
  assert.equal(describeOrigin({ kind: "default" }), "default");
  assert.equal(describeOrigin({ kind: "rule", because: "set to 1" }), "set to 1");
});

test("formatNotice() is one printable line", () => {
  assert.equal(
    formatNotice({ origin, path: "server.port", message: "changed" }),
    "a.toml:2:1  server.port: changed",
  );
  assert.equal(
    formatNotice({ origin: { kind: "default" }, path: "seed", message: "changed" }),
    "seed: changed",
  );
  const strange: Origin = { kind: "flag", flag: "--\u001b[31m", order: 0 };
  assert.ok(!formatNotice({ origin: strange, path: "", message: "x" }).includes("\u001b"));
});
