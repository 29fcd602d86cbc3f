import assert from "node:assert/strict";
import { mock, test, type TestContext } from "node:test";
import { type LeaseEnd, Leases } from "./leases.ts";

function makeLeases(context: TestContext) {
  mock.timers.enable({ apis: ["setTimeout"] });
  context.after(() => mock.timers.reset());
  const ends: [string, LeaseEnd][] = [];
  const leases = new Leases({ durationMs: 1_000, onEnd: (...end) => ends.push(end) });
  const grant = (requestId: string) =>
    leases.grant({ requestId, blockIds: Int32Array.of(1), tokensDigest: "" });
  return { leases, ends, grant };
}

test("Leases end once: by release or by their time", (context) => {
  const { leases, ends, grant } = makeLeases(context);
  grant("a");
  grant("b");
  leases.release("a");
  leases.release("a");
  leases.release("unknown");
  mock.timers.tick(999);
  assert.equal(leases.count, 1);
  mock.timers.tick(5_000);
  leases.release("b");
  assert.deepEqual(ends, [
    ["a", "released"],
    ["b", "expired"],
  ]);
  assert.equal(leases.pin("b"), undefined);
});

test("Leases do not end while they are read, and are given to nobody else then", (context) => {
  const { leases, ends, grant } = makeLeases(context);
  grant("a");
  assert.equal(leases.pin("a")?.requestId, "a");
  assert.equal(leases.pin("a")?.requestId, "a");
  mock.timers.tick(2_000);
  leases.release("a");
  assert.equal(leases.pin("a"), undefined);
  leases.unpin("a");
  assert.deepEqual(ends, []);
  leases.unpin("a");
  assert.deepEqual(ends, [["a", "expired"]]);
  assert.equal(leases.count, 0);
});

test("Leases.close() ends all, read or not", (context) => {
  const { leases, ends, grant } = makeLeases(context);
  grant("a");
  grant("b");
  leases.pin("a");
  leases.close();
  leases.unpin("a");
  mock.timers.tick(5_000);
  assert.deepEqual(ends, [
    ["a", "closed"],
    ["b", "closed"],
  ]);
});
