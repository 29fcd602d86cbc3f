import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { cpuMicroseconds, processTree, readCpuTime } from "./cpu-time.ts";

test("cpuMicroseconds() is what process.cpuUsage() says", () => {
  const before = readCpuTime([process.pid]);
  const begin = process.cpuUsage();
  let end = process.cpuUsage(begin);
  while (end.user + end.system < 200_000) end = process.cpuUsage(begin);
  const measured = cpuMicroseconds(before, readCpuTime([process.pid]));
  const said = end.user + end.system;
  assert.ok(Math.abs(measured - said) < 50_000, `${measured} µs, but ${said} µs`);
});

test("cpuMicroseconds() takes the account that keeps ended threads where much is lost", () => {
  const before = { living: 1_000_000_000n, ticks: 100n };
  assert.equal(cpuMicroseconds(before, { living: 1_500_000_000n, ticks: 149n }), 500_000);
  assert.equal(cpuMicroseconds(before, { living: 1_100_000_000n, ticks: 150n }), 500_000);
});

test("processTree() finds a process below a process", async () => {
  const child = spawn("sh", ["-c", "sleep 60 & echo ready; wait"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  const tree = processTree(child.pid!);
  assert.equal(tree.length, 2);
  assert.equal(tree[0], child.pid);
  for (const pid of tree.toReversed()) process.kill(pid, "SIGKILL");
  await once(child, "exit");
});

test("readCpuTime() refuses a process that is gone", async () => {
  const child = spawn("true");
  await once(child, "exit");
  assert.throws(() => readCpuTime([child.pid!]), /has ended/);
});
