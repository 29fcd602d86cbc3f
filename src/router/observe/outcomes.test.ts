import assert from "node:assert/strict";
import { test } from "node:test";
import { reasonOfStatus } from "./outcomes.ts";

test("reasonOfStatus() says what was wrong with the input", () => {
  const reasons = {
    400: "bad_request",
    408: "slow_client",
    413: "body_too_large",
    431: "head_too_large",
    501: "bad_request",
    503: "connections",
  };
  for (const [status, reason] of Object.entries(reasons)) {
    assert.equal(reasonOfStatus(Number(status)), reason, status);
  }
});
