import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePartition } from "./parse-partition.ts";

test("parsePartition() reads nodes, GPUs and whether they are in service", () => {
  const text = "3|gpu:8|idle|up\n1|gpu:8|drain|up\n2|(null)|alloc|up\n1|gpu:8|down*|up\n";
  assert.deepEqual(parsePartition(text), [
    { nodeCount: 3, gpuCount: 8, isInService: true },
    { nodeCount: 1, gpuCount: 8, isInService: false },
    { nodeCount: 2, gpuCount: 0, isInService: true },
    { nodeCount: 1, gpuCount: 8, isInService: false },
  ]);
});

test("parsePartition() counts GPUs in every spelling", () => {
  const gpusOf = (gres: string) => parsePartition(`1|${gres}|mix|up`)[0]?.gpuCount;
  assert.equal(gpusOf("gpu:h100:8(S:0-1)"), 8);
  assert.equal(gpusOf("gpu:a100:4,nic:1"), 4);
  assert.equal(gpusOf("gpu:a:2,gpu:b:3"), 5);
  assert.equal(gpusOf("gpu"), 1);
  assert.equal(gpusOf("nic:2"), 0);
});

test("parsePartition() takes no node of a partition that is down for one in service", () => {
  assert.equal(parsePartition("4|gpu:8|idle|down")[0]?.isInService, false);
  assert.equal(parsePartition("4|gpu:8|idle*|up")[0]?.isInService, false);
});

test("parsePartition() finds nothing where a partition is not known", () => {
  assert.deepEqual(parsePartition(""), []);
  assert.deepEqual(parsePartition("sinfo: error\n"), []);
});
