import assert from "node:assert/strict";
import { test } from "node:test";
import { onStopSignals, sameSignalMs } from "./stop-signals.ts";

test("onStopSignals() takes signals that arrive together for one, and a later one for a second", (context) => {
  const heard: string[] = [];
  let nowMs = 0;
  const target = { stop: () => heard.push("stop"), stopNow: () => heard.push("stop now") };
  const remove = onStopSignals(target, () => nowMs);
  context.after(remove);
  process.emit("SIGINT");
  nowMs = sameSignalMs;
  process.emit("SIGTERM");
  assert.deepEqual(heard, ["stop"]);
  nowMs = sameSignalMs + 1;
  process.emit("SIGINT");
  assert.deepEqual(heard, ["stop", "stop now"]);
  remove();
  assert.equal(process.listenerCount("SIGHUP"), 0);
});
