import assert from "node:assert/strict";
import { test } from "node:test";
import { routePath } from "./route-path.ts";

test("routePath() decodes escapes once and leaves the query out", () => {
  assert.equal(routePath("/v1/%63ompletions?a=%62"), "/v1/completions");
  assert.equal(routePath("/%2570ause"), "/%70ause");
  assert.equal(routePath("/100%/x%zz"), "/100%/x%zz");
});
