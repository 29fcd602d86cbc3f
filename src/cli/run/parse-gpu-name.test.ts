import assert from "node:assert/strict";
import { test } from "node:test";
import { gpuNames } from "../../plan/mod.ts";
import { parseGpuName } from "./parse-gpu-name.ts";

test("parseGpuName() takes every GPU that the fit report knows, and suggests the nearest", () => {
  for (const name of gpuNames) assert.equal(parseGpuName(name), name);
  assert.throws(() => parseGpuName("H20O"), { code: "COMMAND_INVALID", message: /"H200"/ });
  assert.throws(() => parseGpuName(""), { code: "COMMAND_INVALID" });
});
