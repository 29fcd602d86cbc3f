import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultRouterLimits } from "./limits.ts";

test("defaultRouterLimits are whole numbers above zero", () => {
  for (const [name, limit] of Object.entries(defaultRouterLimits)) {
    assert.ok(Number.isSafeInteger(limit) && limit > 0, `${name} is ${limit}`);
  }
});

test("defaultRouterLimits agree with each other", () => {
  const limits = defaultRouterLimits;
  assert.ok(limits.handOffBodyBytesMax <= limits.bodyBytesMax);
  assert.ok(limits.handOffBodyBytesMax <= limits.handOffBytesMax);
  assert.ok(limits.waitingRequestsMax <= limits.requestsInFlightMax);
  // vLLM frees blocks 30 s after the prefill rank's answer: a request that waits for a decode rank must be sooner.
  assert.ok(limits.rankWaitMsMax + limits.connectMsMax < 30_000);
});
