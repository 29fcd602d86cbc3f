import assert from "node:assert/strict";
import { test } from "node:test";
import { type HealthSign, initialHealth, nextHealth } from "./rank-health.ts";

const ready: HealthSign = { kind: "ready" };
const failed: HealthSign = { kind: "failed", reason: "slow" };
const unreachable: HealthSign = { kind: "unreachable", reason: "ECONNREFUSED" };

function statesAfter(...signs: readonly HealthSign[]): readonly string[] {
  let health = initialHealth;
  return signs.map((sign) => (health = nextHealth(health, sign, 3)).state);
}

test("nextHealth() keeps a rank starting until it is ready", () => {
  assert.deepEqual(statesAfter(unreachable, failed, failed, failed, ready), [
    "starting",
    "starting",
    "starting",
    "starting",
    "up",
  ]);
});

test("nextHealth() takes a rank down at the limit of failed probes in a row", () => {
  assert.deepEqual(statesAfter(ready, failed, failed, ready, failed, failed, failed), [
    "up",
    "up",
    "up",
    "up",
    "up",
    "up",
    "down",
  ]);
});

test("nextHealth() takes an unreachable rank down at once and says why", () => {
  assert.deepEqual(statesAfter(ready, unreachable, ready), ["up", "down", "up"]);
  const down = nextHealth(nextHealth(initialHealth, ready, 3), unreachable, 3);
  assert.equal(down.reason, "ECONNREFUSED");
});
