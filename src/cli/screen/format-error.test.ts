import assert from "node:assert/strict";
import { test } from "node:test";
import { PenstockError } from "../../errors/mod.ts";
import { exitCodeOf, formatError } from "./format-error.ts";

test("formatError() shows message, hint and code of an operating error, and no stack", () => {
  const facts = { port: 1, purpose: '"router-0"', holder: "pid 7 (nginx)", flag: "--server.port" };
  assert.equal(
    formatError(new PenstockError("PORT_IN_USE", facts)),
    [
      'penstock: Cannot start "router-0": port 1 is already in use by pid 7 (nginx)',
      "  Stop pid 7 (nginx), or choose another port with --server.port",
      "  PORT_IN_USE",
    ].join("\n"),
  );
});

test("formatError() quotes a process that named its cause, made safe for a terminal", () => {
  const error = new PenstockError("PROCESS_GAVE_UP", {
    id: "rank-0",
    ending: "ended with exit code 1",
    reason: "Cannot load \u001b[31mx",
    reasonCode: "MODEL_FILE_MISSING",
    reasonHint: "Copy it",
    logFile: "logs/rank-0.log",
  });
  assert.equal(
    formatError(error),
    [
      "penstock: Cannot load \u{fffd}[31mx",
      "  Copy it",
      '  MODEL_FILE_MISSING, named by "rank-0", which ended with exit code 1; its log is "logs/rank-0.log"',
    ].join("\n"),
  );
});

test("formatError() shows the stack of a bug and says that it is one", () => {
  const text = formatError(new TypeError("x is not a function"));
  assert.match(text, /a bug in Penstock.*\nTypeError: x is not a function\n\s+at /);
  assert.match(formatError("text"), /bug.*\ntext$/);
});

test("exitCodeOf() is 2 for mistakes in the configuration and 1 for everything else", () => {
  const facts = { mistakeCount: 1, report: "r" };
  assert.equal(exitCodeOf(new PenstockError("CONFIG_INVALID", facts)), 2);
  assert.equal(exitCodeOf(new Error("x")), 1);
});
