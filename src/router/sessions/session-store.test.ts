import assert from "node:assert/strict";
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import type { SessionTable } from "../choose/session-table.ts";
import {
  logged,
  rankCount,
  ranks,
  savedTable,
  temporaryDirectory,
} from "../test-support/session-files.ts";
import { TimerClock } from "../test-support/timer-clock.ts";
import { eventually, within } from "../test-support/within.ts";
import { mountSmallDisk } from "../../../test/support/small-disk.ts";
import { fileHeader } from "./session-record.ts";
import { SessionStore } from "./session-store.ts";

async function openStore(directory: string, tables: Readonly<Record<string, SessionTable>>) {
  const clock = new TimerClock();
  const { logger, lines } = logged();
  const store = await SessionStore.open({
    directory,
    tables: new Map(Object.entries(tables)),
    ranks,
    clock,
    wallMs: () => 1e12 + clock.nowMs(),
    logger,
  });
  return { store, clock, lines };
}

function isUnusable(reason: RegExp) {
  return (error: unknown) => {
    const { code, facts } = error as { code: string; facts: { reason: string } };
    assert.equal(code, "ROUTER_SESSIONS_UNUSABLE");
    assert.match(facts.reason, reason);
    return true;
  };
}

test("SessionStore saves each table under its name, some time after a change and when it is closed", async (context) => {
  const directory = join(temporaryDirectory(context), "made", "below");
  const [decode, prefill] = [savedTable(), savedTable()];
  const { store, clock } = await openStore(directory, { decode, prefill });
  decode.place("a", 1, clock.nowMs());
  clock.pass(100);
  const isLonger = () => statSync(join(directory, "decode")).size > fileHeader.length;
  await eventually("the change is saved", isLonger);
  prefill.place("a", 2, clock.nowMs());
  await store.close();
  assert.equal(clock.timerCount, 0);
  assert.deepEqual(readdirSync(directory).sort(), ["decode", "prefill"]);
  const again = { decode: savedTable(), prefill: savedTable() };
  const second = await openStore(directory, again);
  assert.deepEqual([again.decode.slotOf("a", 0), again.prefill.slotOf("a", 0)], [1, 2]);
  assert.equal(second.store.isSaving, true);
  await second.store.close();
});

test("SessionStore.open() refuses a directory that another router uses, and one that is none", async (context) => {
  const directory = temporaryDirectory(context);
  const { store } = await openStore(directory, { both: savedTable() });
  await assert.rejects(
    openStore(directory, { both: savedTable() }),
    isUnusable(new RegExp(`^process ${process.pid} uses it$`)),
  );
  await store.close();
  await (await openStore(directory, { both: savedTable() })).store.close();
  const file = join(directory, "file");
  writeFileSync(file, "");
  await assert.rejects(openStore(file, { both: savedTable() }), isUnusable(/EEXIST|ENOTDIR/));
  await assert.rejects(openStore("/proc/x", { both: savedTable() }), isUnusable(/ENOENT|EACCES/));
  symlinkSync(directory, join(directory, "both.d"));
  await assert.rejects(openStore(directory, { "both.d": savedTable() }), isUnusable(/EISDIR/));
  assert.equal(existsSync(join(directory, "lock")), false);
});

test("SessionStore.open() begins on a full disk too", async (context) => {
  using disk = mountSmallDisk(65_536);
  if (disk === undefined) return context.skip("needs the right to mount");
  disk.fill();
  const { store, lines } = await openStore(disk.directory, { both: savedTable() });
  assert.equal(store.isSaving, false);
  assert.deepEqual(
    lines.map((line) => [line.level, line["reason"]]),
    [["error", "ENOSPC"]],
  );
  await store.close();
  assert.deepEqual(readdirSync(disk.directory), ["filling"]);
});

type Child = ChildProcessByStdio<null, Readable, null>;

/** Runs a process that saves sessions, kills it after so many lines, and gives how many steps it says are saved. */
async function runAndKill(context: TestContext, args: readonly string[], lineCount: number) {
  const program = fileURLToPath(new URL("../test-support/saves-sessions.ts", import.meta.url));
  const child: Child = spawn(process.execPath, [program, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  context.after(() => child.kill("SIGKILL"));
  const exit = once(child, "exit");
  let savedCount = 0;
  let left = lineCount;
  const lines = createInterface(child.stdout);
  lines.on("line", (line) => {
    savedCount = Number(line);
    if (--left === 0) child.kill("SIGKILL");
  });
  await within("the end of the process", Promise.all([exit, once(lines, "close")]));
  assert.equal(child.signalCode, "SIGKILL");
  return savedCount;
}

test("SessionStore survives kill -9 at any time: what was saved is there, and nothing is wrong", async (context) => {
  const directory = temporaryDirectory(context);
  const before: { readonly prefix: string; readonly savedCount: number }[] = [];
  for (const lineCount of [1, 2, 7, 23, 40]) {
    const prefix = `run ${lineCount}, `;
    const savedCount = await runAndKill(context, [directory, prefix], lineCount);
    before.push({ prefix, savedCount });
    const table = savedTable(50_000);
    const clock = new TimerClock();
    const { logger, lines } = logged();
    const store = await SessionStore.open({
      directory,
      tables: new Map([["both", table]]),
      ranks,
      clock,
      wallMs: () => 1e12,
      logger,
    });
    await store.close();
    for (const run of before) check(table, run);
    // A write that the kill cut short is the only thing that may be told of.
    for (const { message } of lines) assert.match(message, /as before|in the middle/);
  }
});

function check(
  table: SessionTable,
  { prefix, savedCount }: { readonly prefix: string; readonly savedCount: number },
): void {
  for (let number = 0; number < savedCount + 2_000; number++) {
    const slot = table.slotOf(`${prefix}${number}`, 0);
    const isFinished = number % 3 === 0 && number + 50 < savedCount;
    const mayBeGone = number >= savedCount || number % 3 === 0;
    const what = `${prefix}session ${number} of ${savedCount} is at ${slot}`;
    if (isFinished) assert.equal(slot, -1, what);
    else assert.ok(slot === number % rankCount || (mayBeGone && slot === -1), what);
  }
}
