import assert from "node:assert/strict";
import { test } from "node:test";
import { isPenstockError } from "../../errors/mod.ts";
import { StepControl } from "./step-control.ts";

test("StepControl.barrier() throws the reason when another thread has failed", () => {
  const buffer = new SharedArrayBuffer(4_096);
  const first = new StepControl(buffer, { address: 0, seat: { index: 0, count: 2 } });
  const second = new StepControl(buffer, { address: 0, seat: { index: 1, count: 2 } });
  second.fail(new Error("out of luck"));
  assert.throws(
    () => first.barrier(),
    (error) => {
      assert(isPenstockError(error));
      assert.equal(error.code, "MODEL_THREAD_FAILED");
      assert.match(error.message, /thread 1 has failed: .*out of luck/);
      return true;
    },
  );
  assert.equal(first.waitForStep(0), false);
});

test("StepControl.fail() keeps the first reason, cut to what there is room for", () => {
  const buffer = new SharedArrayBuffer(4_096);
  const seats = [0, 1].map((index) => ({ index, count: 2 }));
  const [first, second] = seats.map((seat) => new StepControl(buffer, { address: 0, seat }));
  second!.fail(`first ${"x".repeat(2_000)}`);
  first!.fail("second");
  assert.throws(() => first!.throwIfFailed(), /compute thread 1 has failed: first x{1018}$/);
});

test("StepControl.publish() hands the counts to a waiting thread", () => {
  const buffer = new SharedArrayBuffer(4_096);
  const first = new StepControl(buffer, { address: 0, seat: { index: 0, count: 2 } });
  const second = new StepControl(buffer, { address: 0, seat: { index: 1, count: 2 } });
  const counts = { tokenCount: 3, sequenceCount: 2, logitCount: 1 };
  first.publish(counts);
  assert.equal(second.waitForStep(0), true);
  assert.deepEqual(second.readCounts(), counts);
  first.stop();
  assert.equal(second.waitForStep(second.stepNumber), false);
});

test("StepControl.barrier() gives up at its limit when a thread never comes", () => {
  const seat = { index: 0, count: 2 };
  const buffer = new SharedArrayBuffer(4_096);
  const control = new StepControl(buffer, { address: 0, seat, phaseWaitMsMax: 1 });
  assert.throws(() => control.barrier(), { code: "MODEL_THREAD_FAILED" });
  assert(control.isOver);
});
