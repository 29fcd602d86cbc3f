import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import { isRunning } from "../../../test/support/processes.ts";
import { ProcessTree } from "./process-tree.ts";

/** Starts a process with the tree's token that starts three others, in every way out, and gives all pids. */
async function plant(context: TestContext, tree: ProcessTree): Promise<readonly number[]> {
  const script = `
    const { spawn } = require("node:child_process");
    const start = (detached, env) =>
      spawn("/bin/sleep", ["60"], { detached, env, stdio: "ignore" }).pid;
    const pids = [start(true, process.env), start(false, {}), start(true, {})];
    process.stdout.write(pids.join(" "));
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["-e", script], {
    detached: true,
    stdio: ["ignore", "pipe", "ignore"],
    env: { ...process.env, ...tree.env },
  });
  context.after(() => tree.end());
  const [text] = (await once(child.stdout, "data")) as [Buffer];
  return [child.pid!, ...text.toString().split(" ").map(Number)];
}

const sorted = (pids: readonly number[]) => pids.toSorted((a, b) => a - b);

test("ProcessTree sees everybody who descends from its first process", async (context) => {
  const tree = new ProcessTree();
  const pids = await plant(context, tree);
  assert.deepEqual(sorted(tree.look().map(({ pid }) => pid)), sorted(pids));
  assert.equal(await tree.isGone(0), false);
});

test("ProcessTree.end() ends everybody, also those who were seen before and have no link left", async (context) => {
  const tree = new ProcessTree();
  const pids = await plant(context, tree);
  tree.look();
  process.kill(pids[0]!, "SIGKILL");
  await tree.end();
  assert.deepEqual(pids.filter(isRunning), []);
  assert.equal(await tree.isGone(0), true);
  assert.equal(tree.signal("SIGKILL"), false);
});

test("ProcessTree is found again by its token and its members", async (context) => {
  const tree = new ProcessTree();
  const pids = await plant(context, tree);
  tree.look();
  process.kill(pids[0]!, "SIGKILL");
  await new ProcessTree(tree.token, tree.members).end();
  assert.deepEqual(pids.filter(isRunning), []);
});

test("ProcessTree.root() makes the session of the first process known", async (context) => {
  const tree = new ProcessTree();
  const child = spawn("/bin/sleep", ["60"], { detached: true, env: {} });
  context.after(() => child.kill("SIGKILL"));
  await once(child, "spawn");
  assert.deepEqual(tree.look(), []);
  tree.root(child.pid!);
  assert.deepEqual(
    tree.look().map(({ pid }) => pid),
    [child.pid],
  );
});
