import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { test, type TestContext } from "node:test";
import { eventually } from "../../../test/support/eventually.ts";
import { descendantsOf, isRunning } from "../../../test/support/processes.ts";
import { ProcessTree } from "../tree/process-tree.ts";
import { keepersMax } from "./start-keeper.ts";

const door = new URL("./start-keeper.ts", import.meta.url).href;

/** Starts a process that has a keeper for this token, and does then what the script says. */
function startKept(context: TestContext, token: string, script: string) {
  const kept = { trees: [{ token, members: [] }], files: [], directories: [] };
  const source = `
    const { startKeeper } = await import(${JSON.stringify(door)});
    const keeper = startKeeper(() => process.stdout.write("lost"));
    keeper.keep(${JSON.stringify(kept)});
    ${script}`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", source], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  context.after(() => child.kill("SIGKILL"));
  return child;
}

function startSleeper(context: TestContext, tree: ProcessTree): number {
  const child = spawn("/bin/sleep", ["600"], { env: tree.env, stdio: "ignore" });
  context.after(() => child.kill("SIGKILL"));
  return child.pid!;
}

function findKeeper(ofPid: number): number | undefined {
  const pids = readdirSync("/proc").map(Number).filter(Number.isInteger);
  return pids.find((pid) => readWords(pid).endsWith(`/keeper.ts\0of-${ofPid}\0`));
}

function readWords(pid: number): string {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, "utf8");
    return words.startsWith("/bin/sh") ? "" : words;
  } catch {
    return ""; // Gone between the listing and the reading.
  }
}

/**
 * Whether it has a handler for SIGHUP, signal 1, the last one that it sets and the only one that Node.js does not
 * set by itself: the mask SigCgt, see proc_pid_status(5).
 */
function catchesSighup(pid: number): boolean {
  const mask = /SigCgt:\s*([0-9a-f]+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]!;
  return (BigInt(`0x${mask}`) & 1n) === 1n;
}

test("startKeeper() ends what is kept when its process is killed, and the keeper with it", async (context) => {
  const tree = new ProcessTree();
  const sleeper = startSleeper(context, tree);
  const script = 'process.stdout.write("up"); setInterval(() => {}, 1000);';
  const child = startKept(context, tree.token, script);
  const keeper = await eventually("the keeper", () => findKeeper(child.pid!));
  await eventually(
    "it to have no parent",
    () => !descendantsOf(child.pid!).some(({ pid }) => pid === keeper),
  );
  await eventually("it to be fully started", () => catchesSighup(keeper));
  assert.ok(isRunning(sleeper));
  for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"] as const) process.kill(keeper, signal);
  child.kill("SIGKILL");
  await eventually("the sleeper to be ended", () => !isRunning(sleeper));
  await eventually("the keeper to end", () => !isRunning(keeper));
});

test("startKeeper() needs no time to be there: who is killed at once is cleaned up after too", async (context) => {
  const tree = new ProcessTree();
  const sleeper = startSleeper(context, tree);
  startKept(context, tree.token, 'process.kill(process.pid, "SIGKILL")');
  await eventually("the sleeper to be ended", () => !isRunning(sleeper));
});

test("startKeeper() keeps no process from ending, and ends nothing once it is dismissed", async (context) => {
  const tree = new ProcessTree();
  const sleeper = startSleeper(context, tree);
  const script = 'process.stdin.once("data", () => (keeper.dismiss(), process.stdin.destroy()))';
  const child = startKept(context, tree.token, script);
  const keeper = await eventually("the keeper", () => findKeeper(child.pid!));
  child.stdin.end("dismiss");
  assert.deepEqual(await once(child, "exit"), [0, null]);
  await eventually("the keeper to end", () => !isRunning(keeper));
  assert.ok(isRunning(sleeper));
});

test("startKeeper() starts another keeper for one that is killed, and tells when it gives up", async (context) => {
  const tree = new ProcessTree();
  const sleeper = startSleeper(context, tree);
  const child = startKept(context, tree.token, "setInterval(() => {}, 1000)");
  let said = "";
  child.stdout.on("data", (text) => (said += String(text)));
  const seen = new Set<number>();
  for (let killed = 0; killed < keepersMax; killed++) {
    const keeper = await eventually("a keeper", () => {
      const pid = findKeeper(child.pid!);
      return pid === undefined || seen.has(pid) ? undefined : pid;
    });
    assert.equal(said, "");
    seen.add(keeper);
    process.kill(keeper, "SIGKILL");
  }
  await eventually("the loss to be told", () => said === "lost");
  assert.ok(isRunning(sleeper));
});

test("startKeeper() gives what was kept to the keeper that follows", async (context) => {
  const tree = new ProcessTree();
  const sleeper = startSleeper(context, tree);
  const child = startKept(context, tree.token, "setInterval(() => {}, 1000)");
  const first = await eventually("the keeper", () => findKeeper(child.pid!));
  process.kill(first, "SIGKILL");
  // Up, and not only begun: its process may be seen before the one that starts it has said anything to it.
  await eventually("another keeper", () => {
    const next = findKeeper(child.pid!) ?? first;
    return next !== first && catchesSighup(next);
  });
  child.kill("SIGKILL");
  await eventually("the sleeper to be ended", () => !isRunning(sleeper));
});
