import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePartition } from "./parse-partition.ts";

test("parsePartition() reads nodes, GPUs and whether they are in service", () => {
  const text = "main*|3|gpu:8|idle|up\nmain*|1|gpu:8|drain|up\ncpu|2|(null)|alloc|up\n";
  assert.deepEqual(parsePartition(text), [
    { partition: "main", isDefault: true, nodeCount: 3, gpuCount: 8, isInService: true },
    { partition: "main", isDefault: true, nodeCount: 1, gpuCount: 8, isInService: false },
    { partition: "cpu", isDefault: false, nodeCount: 2, gpuCount: 0, isInService: true },
  ]);
});

test("parsePartition() counts GPUs in every spelling", () => {
  const gpusOf = (gres: string) => parsePartition(`p|1|${gres}|mix|up`)[0]?.gpuCount;
  assert.equal(gpusOf("gpu:h100:8(S:0-1)"), 8);
  assert.equal(gpusOf("gpu:a100:4,nic:1"), 4);
  assert.equal(gpusOf("gpu:a:2,gpu:b:3"), 5);
  assert.equal(gpusOf("gpu"), 1);
  assert.equal(gpusOf("nic:2"), 0);
});

test("parsePartition() takes nothing for in service that is down, drained or silent", () => {
  const isInService = (rest: string) => parsePartition(`p|4|gpu:8|${rest}`)[0]?.isInService;
  assert.equal(isInService("idle|down"), false);
  assert.equal(isInService("idle*|up"), false);
  assert.equal(isInService("down*|up"), false);
  assert.equal(isInService("drng|up"), false);
  assert.equal(isInService("alloc|up"), true);
});

test("parsePartition() finds nothing where a partition is not known", () => {
  assert.deepEqual(parsePartition(""), []);
  assert.deepEqual(parsePartition("sinfo: error\n"), []);
});
