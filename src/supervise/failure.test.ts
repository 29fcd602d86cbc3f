import assert from "node:assert/strict";
import { test } from "node:test";
import { describeEnd, describeFailure } from "./failure.ts";
import type { ChildOutput } from "./logs/child-output.ts";
import type { ProcessSpec } from "./process-spec.ts";

const spec: ProcessSpec = {
  id: "rank-0",
  argv: ["/bin/engine"],
  env: {},
  after: [],
  restart: null,
  ready: { kind: "http", url: "http://127.0.0.1:1/", timeoutMs: 5_000 },
};

function saying(lastLines: readonly string[], fatal?: Record<string, unknown>): ChildOutput {
  return { logFile: "logs/rank-0.log", lastLines, fatal } as unknown as ChildOutput;
}

const exit = { kind: "ended", id: "rank-0", ending: { kind: "exit", exitCode: 3 } } as const;
const killed = { ...exit, ending: { kind: "signal", signal: "SIGKILL" } } as const;

test("describeFailure() quotes the last lines of a process that did not say why", () => {
  const error = describeFailure(exit, spec, saying(["a", "b"]));
  assert.equal(error.code, "PROCESS_ENDED");
  assert.match(
    error.message,
    /"rank-0" ended with exit code 3, its last lines are:\n {4}a\n {4}b$/,
  );
  assert.match(error.hint, /logs\/rank-0\.log/);
  assert.match(describeFailure(killed, spec, saying([])).message, /by signal SIGKILL.* are empty$/);
});

test("describeFailure() passes on what the process named, also without code and hint", () => {
  const full = describeFailure(exit, spec, saying([], { message: "M", code: "C", hint: "H" }));
  assert.equal(full.message, '"rank-0" ended with exit code 3: M');
  assert.equal(full.hint, "H");
  const bare = describeFailure(exit, spec, saying([], { message: "M", code: 1 }));
  assert.match(bare.hint, /logs\/rank-0\.log/);
});

test("describeFailure() tells a process that is late from one that never was", () => {
  const late = describeFailure({ kind: "not-ready", id: "rank-0" }, spec, saying(["x"]));
  assert.equal(late.code, "PROCESS_NOT_READY");
  assert.match(late.message, /5000 ms, which is when http:\/\/127\.0\.0\.1:1\/ answers 200/);
  const ending = { kind: "not-started", reason: "ENOENT" } as const;
  const never = describeFailure({ ...exit, ending }, spec, saying([]));
  assert.equal(never.code, "PROCESS_NOT_STARTED");
  assert.match(never.message, /"\/bin\/engine".*ENOENT/);
});

test("describeFailure() says how often a process ended, and what it said the last time", () => {
  const often = { id: "rank-0", endCount: 6, windowMs: 600_000, last: exit } as const;
  const cause = { kind: "ended-too-often", ...often } as const;
  const silent = describeFailure(cause, spec, saying(["a", "b"]));
  assert.equal(silent.code, "PROCESS_ENDED_TOO_OFTEN");
  assert.match(
    silent.message,
    /"rank-0" ended 6 times within 600000 ms, .* with exit code 3: its last lines are:\n {4}a\n {4}b$/,
  );
  assert.match(silent.hint, /logs\/rank-0\.log/);
  const named = describeFailure(cause, spec, saying([], { message: "Out of memory" }));
  assert.match(named.message, /with exit code 3: Out of memory$/);
  const late = { ...cause, last: { kind: "not-ready", id: "rank-0" } } as const;
  assert.match(describeFailure(late, spec, saying([])).message, /was not ready within 5000 ms/);
});

test("describeEnd() says what the system says of a program that is not there any more", () => {
  const ending = { kind: "not-started", reason: "ENOENT" } as const;
  assert.equal(
    describeEnd({ ...exit, ending }, spec),
    'could not be started, the system says "ENOENT"',
  );
});
