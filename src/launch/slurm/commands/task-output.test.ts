import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { inShortLines, joinTasks } from "./task-output.ts";

/** Lines of one task, as `sh` writes them. */
function linesOf(task: number, text: string): readonly string[] {
  const words = ["-c", inShortLines('printf %s "$1"'), "sh", text];
  const env = { ...process.env, SLURM_PROCID: String(task) };
  const { stdout, stderr } = spawnSync("sh", words, { env, encoding: "utf8" });
  assert.equal(stderr, "");
  return stdout.split("\n").slice(0, -1);
}

test("joinTasks() puts together what srun has mixed, line by line", () => {
  const texts = ["é".repeat(3_000), '{"a":1}\n{"b":2}\n'.repeat(200)];
  const [first, second] = texts.map((text, task) => linesOf(task, text));
  const mixed = first!.flatMap((line, index) => [second![index] ?? "", line]);
  const all = [...mixed, ...second!.slice(first!.length)];
  assert.ok(first!.length > 5 && second!.length > 3);
  for (const line of all) assert.ok(Buffer.byteLength(`${line}\n`) < 1_024, line);
  assert.deepEqual(joinTasks(all.join("\n")), new Map(texts.entries()));
});

test("joinTasks() leaves out what no task wrote, and knows tasks that wrote nothing by their absence", () => {
  assert.deepEqual(linesOf(3, ""), []);
  assert.deepEqual(joinTasks("srun: warning: something\n\n7 aGVsbG8=\n"), new Map([[7, "hello"]]));
});
