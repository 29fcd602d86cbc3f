import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, rmSync } from "node:fs";
import { test, type TestContext } from "node:test";
import { eventually } from "../../test/support/eventually.ts";
import { isRunning } from "../../test/support/processes.ts";
import { Custodian } from "./custodian.ts";
import type { ProcessTree } from "./tree/process-tree.ts";

const opens = `
  for (const path of process.argv.slice(1)) require("node:fs").openSync(path, "a+");
  process.stdout.write("up");
  setInterval(() => {}, 1000);`;

let files = 0;

function sharedPath(context: TestContext): string {
  const path = `/dev/shm/penstock-test-${process.pid}-custodian-${files++}`;
  context.after(() => rmSync(path, { force: true }));
  return path;
}

/** Starts a process that has these files open, as the first one of a tree. */
async function startIn(context: TestContext, tree: ProcessTree, ...paths: readonly string[]) {
  const env = { ...process.env, ...tree.env };
  const child = spawn(process.execPath, ["-e", opens, ...paths], { env, detached: true });
  context.after(() => child.kill("SIGKILL"));
  await once(child.stdout, "data");
  return child;
}

async function kill(child: ChildProcess, tree: ProcessTree): Promise<void> {
  child.kill("SIGKILL");
  await once(child, "exit");
  await tree.end();
}

test("Custodian removes what a tree leaves in /dev/shm, when nobody uses it any more", async (context) => {
  const [own, both] = [sharedPath(context), sharedPath(context)];
  const custodian = new Custodian([]);
  const [first, second] = [custodian.plantTree(), custodian.plantTree()];
  const one = await startIn(context, first, own, both);
  const other = await startIn(context, second, both);
  custodian.look();
  await kill(one, first);
  custodian.clear(first);
  assert.deepEqual([own, both].map(existsSync), [false, true]);
  await kill(other, second);
  custodian.clear(second);
  custodian.close();
  assert.ok(!existsSync(both));
});

test("Custodian sees by itself that a file is made, also of a process that never gets ready", async (context) => {
  const path = sharedPath(context);
  const custodian = new Custodian([]);
  const tree = custodian.plantTree();
  const child = await startIn(context, tree, path);
  await eventually("the file to be seen", () =>
    custodian.sharedFiles.some((file) => file.path === path),
  );
  await kill(child, tree);
  custodian.clear(tree);
  custodian.close();
  assert.ok(!existsSync(path));
});

test("Custodian leaves files alone that were there before, or that somebody else still uses", async (context) => {
  const [before, foreign] = [sharedPath(context), sharedPath(context)];
  const stranger = spawn(process.execPath, ["-e", opens, before]);
  context.after(() => stranger.kill("SIGKILL"));
  await once(stranger.stdout, "data");
  const custodian = new Custodian([]);
  const late = spawn(process.execPath, ["-e", opens, foreign]);
  context.after(() => late.kill("SIGKILL"));
  await once(late.stdout, "data");
  const tree = custodian.plantTree();
  const child = await startIn(context, tree, before, foreign);
  custodian.look();
  await kill(child, tree);
  custodian.clear(tree);
  custodian.close();
  assert.deepEqual([before, foreign].map(existsSync), [true, true]);
  assert.ok(isRunning(stranger.pid!));
});

test("Custodian.close() leaves a tree that could not be ended in time to the keeper", async (context) => {
  const custodian = new Custodian([]);
  const tree = custodian.plantTree();
  const child = await startIn(context, tree);
  custodian.close();
  const [, signal] = (await once(child, "exit")) as [null, string];
  assert.equal(signal, "SIGTERM");
});
