import assert from "node:assert/strict";
import { test } from "node:test";
import { isPenstockError, PenstockError } from "../../errors/mod.ts";
import { deploymentStatus } from "./test-support/fake-deployment.ts";
import { fromWire, parseAnswer, parseRequest, toWire } from "./wire.ts";

test("parseRequest() reads the four commands and drops what it does not know", () => {
  assert.deepEqual(parseRequest('{"command":"status","more":1}'), { command: "status" });
  assert.deepEqual(parseRequest('{"command":"watch"}'), { command: "watch" });
  assert.deepEqual(parseRequest('{"command":"stop","now":true}'), { command: "stop", now: true });
  const restart = { command: "restart", process: "rank-0" } as const;
  assert.deepEqual(parseRequest(JSON.stringify(restart)), restart);
});

test("parseRequest() refuses everything else", () => {
  const requests = [
    "",
    "x",
    "null",
    "[]",
    '"stop"',
    "{}",
    '{"command":"reboot"}',
    '{"command":"stop"}',
  ];
  for (const line of [
    ...requests,
    '{"command":"stop","now":1}',
    '{"command":"restart","process":["x"]}',
  ])
    assert.throws(() => parseRequest(line), { code: "CONTROL_REQUEST_INVALID" }, line);
});

test("parseAnswer() reads answers and gives nothing for what is none", () => {
  const status = deploymentStatus();
  const back = parseAnswer(JSON.stringify({ status }));
  assert.ok(back !== undefined && "status" in back);
  assert.equal(back.status.id, status.id);
  assert.deepEqual(parseAnswer('{"done":true}'), { done: true });
  const { view: _view, ...blind } = status;
  for (const line of [
    "",
    "{}",
    "1",
    '{"status":{}}',
    '{"error":{}}',
    JSON.stringify({ status: blind }),
  ])
    assert.equal(parseAnswer(line), undefined, line);
});

test("toWire() and fromWire() carry code, message and hint of an error across", () => {
  const error = new PenstockError("CONTROL_BUSY", { connectionsMax: 32 });
  const back = fromWire(toWire(error));
  assert.ok(isPenstockError(back));
  assert.deepEqual([back.code, back.message, back.hint], [error.code, error.message, error.hint]);
  assert.match(toWire(new TypeError("x is not a function")).message, /x is not a function/);
});
