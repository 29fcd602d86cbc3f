import assert from "node:assert/strict";
import { test } from "node:test";
import { listKeys } from "./list-keys.ts";

test("listKeys() lists keys of a section with variants once for each variant", () => {
  const policies = listKeys().filter(({ path }) => path === "router.policy");
  assert.deepEqual(
    policies.map(({ onlyWith }) => onlyWith),
    ['router.type = "penstock"', 'router.type = "vllm-router"'],
  );
  const types = listKeys().filter(({ path }) => path === "router.type");
  assert.deepEqual(
    types.map(({ expected, defaultValue, onlyWith }) => [expected, defaultValue, onlyWith]),
    [['one of "penstock", "vllm-router", "llm-d"', "penstock", undefined]],
  );
});

test("listKeys() names unit, default and what a key takes", () => {
  const port = listKeys().find(({ path }) => path === "server.port");
  assert.deepEqual(
    { ...port, description: undefined },
    {
      path: "server.port",
      expected: "a whole number from 1 to 65535",
      defaultValue: 8000,
      unit: "TCP port",
      onlyWith: undefined,
      description: undefined,
    },
  );
  const extra = listKeys().find(({ path }) => path === "vllm_extra");
  assert.deepEqual([extra?.expected, extra?.defaultValue], ["a table of JSON values", {}]);
});
