import assert from "node:assert/strict";
import { test } from "node:test";
import { routeOf, routes } from "./routes.ts";

test("routeOf() knows its routes and takes everything else for one", () => {
  for (const route of routes) assert.equal(routeOf(route), route);
  for (const path of ["", "/", "/v1/completions/", "/V1/completions", "/x", "__proto__"]) {
    assert.equal(routeOf(path), "other", path);
  }
});
