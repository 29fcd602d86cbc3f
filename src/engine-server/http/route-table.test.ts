import assert from "node:assert/strict";
import { test } from "node:test";
import { RouteTable } from "./route-table.ts";

const table = new RouteTable([{ methods: ["GET", "POST"], path: "/ping", handle: "ping" }]);

test("RouteTable.find() matches whole paths and leaves the query aside", () => {
  assert.equal(table.find("GET", "/ping"), "ping");
  assert.equal(table.find("POST", "/ping?x=1"), "ping");
  for (const target of ["/ping/", "/", "//ping", "/ping%20", "*", "/PING"])
    assert.throws(() => table.find("GET", target), { status: 404 });
});

test("RouteTable.find() names the methods that a path has", () => {
  assert.throws(() => table.find("DELETE", "/ping"), {
    status: 405,
    headers: { Allow: "GET, POST" },
  });
});
