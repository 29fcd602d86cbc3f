import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { readPlanFile, readPlanStream } from "./read-plan.ts";

const directory = mkdtempSync(join(tmpdir(), "penstock-read-plan-"));
after(() => rmSync(directory, { recursive: true, force: true }));

const plan = { version: 1, nodes: [{ index: 0, processes: [] }] };

test("readPlanFile() reads a Plan, also one that appears a little later", async () => {
  const file = join(directory, "plan.json");
  const reading = readPlanFile(file);
  writeFileSync(file, JSON.stringify(plan));
  assert.deepEqual(await reading, plan);
});

test("readPlanFile() says that this node does not see the directory, and which key helps", async () => {
  const missing = join(directory, "none", "plan.json");
  await assert.rejects(readPlanFile(missing, { timeoutMs: 0 }), (error: Error) => {
    assert.equal((error as unknown as { code: string }).code, "OUTPUT_DIR_NOT_SHARED");
    assert.ok(error.message.includes(`"${hostname()}": there is no such file`), error.message);
    assert.match((error as unknown as { hint: string }).hint, /slurm\.shared_fs = false/);
    return true;
  });
});

test("readPlanFile() says once that it waits, before the wait is over", async () => {
  const file = join(directory, "late.json");
  const told: number[] = [];
  const onWaiting = (timeoutMs: number): void => {
    told.push(timeoutMs);
    writeFileSync(file, JSON.stringify(plan));
  };
  assert.deepEqual(await readPlanFile(file, { timeoutMs: 60_000, onWaiting }), plan);
  assert.deepEqual(told, [60_000]);
  const missing = join(directory, "never.json");
  const wait = { timeoutMs: 2_500, onWaiting: (ms: number) => void told.push(ms) };
  await assert.rejects(readPlanFile(missing, wait), { code: "OUTPUT_DIR_NOT_SHARED" });
  assert.deepEqual(told, [60_000, 2_500]);
});

test("readPlanFile() refuses what is no Plan", async () => {
  const texts = ["", "{", "null", '{"version":2,"nodes":[{}]}', '{"version":1,"nodes":[]}'];
  for (const text of texts) {
    const file = join(directory, "broken.json");
    writeFileSync(file, text);
    await assert.rejects(readPlanFile(file), { code: "PLAN_NOT_READABLE" }, text);
  }
});

test("readPlanStream() reads a Plan in pieces, and none that is longer than its limit", async () => {
  async function* pieces(): AsyncGenerator<Buffer> {
    for (const piece of JSON.stringify(plan)) yield Buffer.from(piece);
  }
  assert.deepEqual(await readPlanStream(pieces()), plan);
  const mebibytes = Buffer.alloc(1024 * 1024, " ");
  async function* endless(): AsyncGenerator<Buffer> {
    for (;;) yield mebibytes;
  }
  await assert.rejects(readPlanStream(endless()), { code: "PLAN_NOT_READABLE", message: /larger/ });
});
