import assert from "node:assert/strict";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { mountSmallDisk } from "../../../test/support/small-disk.ts";
import type { SessionTable } from "../choose/session-table.ts";
import {
  logged,
  rankCount,
  ranks,
  savedTable,
  temporaryDirectory,
} from "../test-support/session-files.ts";
import { ManualClock } from "../test-support/manual-clock.ts";
import { SessionSaver } from "./session-saver.ts";

/** A router's life: its own clock, beside the wall's. */
async function life(path: string, options: { wallMs?: number; logBytesMax?: number } = {}) {
  const clock = new ManualClock();
  clock.pass(5_000);
  const { logger, lines } = logged();
  const sessions = savedTable();
  const { logBytesMax = 100_000 } = options;
  const wall = { ms: options.wallMs ?? 1e12 };
  const saver = new SessionSaver({
    path,
    sessions,
    clock,
    logger,
    logBytesMax,
    retryMs: 50,
    ranks,
    wallMs: () => wall.ms,
  });
  await saver.load();
  const pass = (ms: number) => {
    clock.pass(ms);
    wall.ms += ms;
  };
  return { saver, sessions, clock, lines, wall, pass };
}

function slots(sessions: SessionTable, keys: string, nowMs: number): number[] {
  return keys.split("").map((key) => sessions.slotOf(key, nowMs));
}

test("SessionSaver brings sessions back, with finishes, moves and the time of their last use", async (context) => {
  const path = join(temporaryDirectory(context), "both");
  const first = await life(path);
  first.sessions.place("a", 1, first.clock.nowMs());
  first.sessions.place("b", 2, first.clock.nowMs());
  await first.saver.save();
  first.pass(600);
  first.sessions.place("c", 3, first.clock.nowMs());
  first.sessions.place("a", 4, first.clock.nowMs());
  first.sessions.finish("b");
  await first.saver.close();
  const second = await life(path, { wallMs: first.wall.ms + 500 });
  assert.deepEqual(slots(second.sessions, "abc", second.clock.nowMs()), [4, -1, 3]);
  assert.deepEqual([...second.sessions.counts], [0, 0, 0, 1, 1, 0, 0]);
  // They were used 500 ms ago, and 1,000 ms is the most.
  second.pass(500);
  assert.deepEqual(slots(second.sessions, "ac", second.clock.nowMs()), [4, 3]);
  second.pass(1);
  assert.deepEqual(slots(second.sessions, "ac", second.clock.nowMs()), [-1, -1]);
  await second.saver.close();
  assert.deepEqual(
    second.lines.map((line) => line.message),
    ["Placed sessions as before"],
  );
});

test("SessionSaver leaves out sessions whose rank is gone or that were not used for too long", async (context) => {
  const path = join(temporaryDirectory(context), "both");
  const first = await life(path);
  first.sessions.place("a", 1, first.clock.nowMs());
  first.pass(800);
  first.sessions.place("b", 0, first.clock.nowMs());
  first.sessions.place("c", 6, first.clock.nowMs());
  await first.saver.close();
  const bytes = readFileSync(path);
  const second = await life(path, { wallMs: first.wall.ms + 201 });
  assert.deepEqual(slots(second.sessions, "abc", second.clock.nowMs()), [-1, 0, 6]);
  assert.equal(second.sessions.size, 2);
  await second.saver.close();
  writeFileSync(path, bytes);
  const sessions = savedTable();
  const fewer = { ...ranks, slotOf: (index: number) => (index === 106 ? 2 : -1) };
  const { logger } = logged();
  const clock = new ManualClock();
  const options = { path, sessions, clock, logger, logBytesMax: 1_000, retryMs: 50 };
  const third = new SessionSaver({ ...options, ranks: fewer, wallMs: () => first.wall.ms });
  await third.load();
  assert.deepEqual(slots(sessions, "abc", 0), [-1, -1, 2]);
  await third.close();
});

test("SessionSaver goes by the wall's clock when that went back", async (context) => {
  const path = join(temporaryDirectory(context), "both");
  const first = await life(path);
  first.sessions.place("a", 1, first.clock.nowMs());
  await first.saver.close();
  const second = await life(path, { wallMs: first.wall.ms - 1e9 });
  assert.equal(second.sessions.slotOf("a", second.clock.nowMs() + 1_000), 1);
  assert.equal(second.sessions.slotOf("a", second.clock.nowMs() + 1_001), -1);
  await second.saver.close();
});

test("SessionSaver cuts what follows a damage, and says so once", async (context) => {
  const path = join(temporaryDirectory(context), "both");
  const first = await life(path);
  first.sessions.place("a", 1, first.clock.nowMs());
  await first.saver.close();
  appendFileSync(path, "torn");
  const second = await life(path);
  assert.equal(second.sessions.slotOf("a", second.clock.nowMs()), 1);
  assert.deepEqual(
    second.lines.filter((line) => line.level === "warning").map((line) => line["cutBytes"]),
    [4],
  );
  await second.saver.close();
  const third = await life(path);
  assert.deepEqual(
    third.lines.map((line) => line.level),
    ["info"],
  );
  await third.saver.close();
});

test("SessionSaver keeps a file of another version aside and begins with none", async (context) => {
  const path = join(temporaryDirectory(context), "both");
  writeFileSync(path, "PENSTOCKSESS\u0002\0\0\0 from tomorrow");
  const { saver, sessions, lines } = await life(path);
  assert.equal(sessions.size, 0);
  assert.match(readFileSync(`${path}.unknown`, "latin1"), /from tomorrow/);
  assert.deepEqual(
    lines.map((line) => [line.level, line["kept"]]),
    [["warning", `${path}.unknown`]],
  );
  await saver.close();
});

test("SessionSaver writes its file anew when the log is long", async (context) => {
  const path = join(temporaryDirectory(context), "both");
  const { saver, sessions, clock } = await life(path, { logBytesMax: 2_000 });
  let longest = 0;
  for (let round = 0; round < 200; round++) {
    for (let number = 0; number < 10; number++)
      sessions.place(`${number}`, round % 7, clock.nowMs());
    await saver.save();
    await saver.snapshot();
    longest = Math.max(longest, statSync(path).size);
  }
  // Ten sessions are 224 bytes, and a round's changes are 208.
  assert.ok(longest <= 2_500, String(longest));
  await saver.close();
  const after = await life(path);
  assert.equal(after.sessions.size, 10);
  assert.equal(after.sessions.counts[199 % rankCount], 10);
  await after.saver.close();
  assert.deepEqual(readdirSync(dirname(path)), ["both"]);
});

test("SessionSaver loses nothing of what changes while it writes its file anew", async (context) => {
  const path = join(temporaryDirectory(context), "both");
  const { saver, sessions, clock } = await life(path);
  for (let round = 0; round < 20; round++) {
    const written = saver.snapshot();
    for (let number = 0; number < 30; number++) {
      const key = `${round % 3} ${number}`;
      if (number % 5 === round % 5) sessions.finish(key);
      else sessions.place(key, (number + round) % rankCount, clock.nowMs());
      await saver.save();
    }
    await written;
  }
  const keys = Array.from({ length: 90 }, (_, index) => `${Math.floor(index / 30)} ${index % 30}`);
  const wanted = keys.map((key) => sessions.slotOf(key, clock.nowMs()));
  await saver.close();
  const after = await life(path);
  assert.deepEqual(
    keys.map((key) => after.sessions.slotOf(key, after.clock.nowMs())),
    wanted,
  );
  await after.saver.close();
});

test("SessionSaver goes on with its log where more changes than a new file could catch up with", async (context) => {
  const path = join(temporaryDirectory(context), "both");
  const { saver, sessions, clock, lines, pass } = await life(path, { logBytesMax: 400 });
  sessions.place("finished", 1, clock.nowMs());
  await saver.save();
  const written = saver.snapshot();
  sessions.finish("finished");
  for (let number = 0; number < 100; number++) sessions.place(`${number}`, 2, clock.nowMs());
  await saver.save();
  await written;
  sessions.place("later", 3, clock.nowMs());
  await saver.save();
  assert.deepEqual([saver.isSaving, saver.droppedCount], [true, 0]);
  assert.deepEqual(
    lines.map((line) => [line.level, line["reason"]]),
    [["error", "too much has changed"]],
  );
  const copy = join(temporaryDirectory(context), "both");
  writeFileSync(copy, readFileSync(path));
  const atKill = await life(copy);
  assert.equal(atKill.sessions.slotOf("finished", atKill.clock.nowMs()), -1);
  assert.equal(atKill.sessions.slotOf("later", atKill.clock.nowMs()), 3);
  assert.equal(atKill.sessions.size, 101);
  await atKill.saver.close();
  const { size } = statSync(path);
  for (let number = 0; number < 100; number++) sessions.finish(`${number}`);
  pass(50);
  await saver.save();
  await saver.snapshot();
  assert.ok(statSync(path).size < size, "The file is written anew");
  assert.deepEqual(
    lines.map((line) => line.level),
    ["error", "info"],
  );
  await saver.close();
});

test("SessionSaver begins anew where its log gets too long and no new file can be written", async (context) => {
  const path = join(temporaryDirectory(context), "both");
  const { saver, sessions, clock, lines, pass } = await life(path, { logBytesMax: 400 });
  mkdirSync(`${path}.new`);
  for (let round = 0; saver.isSaving && round < 1_000; round++) {
    for (let number = 0; number < 1_000; number++) {
      sessions.place(`${number}`, round % rankCount, clock.nowMs());
    }
    await saver.save();
  }
  assert.equal(saver.isSaving, false);
  // What a router reads again at most, see fileBytesMax.
  assert.ok(statSync(path).size <= 64 * sessions.sessionsMax + 4 * 400);
  assert.deepEqual(
    lines.map((line) => [line.level, line["reason"]]),
    [["error", "EISDIR"]],
  );
  rmSync(`${path}.new`, { recursive: true });
  pass(50);
  await saver.save();
  await saver.snapshot();
  assert.equal(saver.isSaving, true);
  await saver.close();
  const after = await life(path);
  assert.deepEqual([...after.sessions.counts], [...sessions.counts]);
  await after.saver.close();
});

test("SessionSaver saves all sessions where changes came too fast", async (context) => {
  const path = join(temporaryDirectory(context), "both");
  const { saver, sessions, clock } = await life(path, { logBytesMax: 1_000_000 });
  // More than the table keeps changes of.
  for (let number = 0; number < 6_000; number++) sessions.place(`${number}`, 1, clock.nowMs());
  await saver.save();
  assert.equal(saver.droppedCount, 6_000 - 4_096);
  await saver.close();
  const after = await life(path);
  assert.equal(after.sessions.size, 6_000);
  await after.saver.close();
});

test("SessionSaver goes on while the disk is full, says it once, and saves all when there is room", async (context) => {
  using disk = mountSmallDisk(262_144);
  if (disk === undefined) return context.skip("needs the right to mount");
  const path = join(disk.directory, "both");
  const { saver, sessions, clock, lines, pass } = await life(path);
  sessions.place("kept", 3, clock.nowMs());
  await saver.save();
  disk.fill();
  for (let round = 0; round < 20; round++) {
    for (let number = 0; number < 400; number++) {
      sessions.place(`${round} ${number}`, 2, clock.nowMs());
    }
    await saver.save();
    await saver.snapshot();
    pass(20);
  }
  assert.equal(saver.isSaving, false);
  assert.ok(saver.droppedCount > 0 && saver.droppedCount <= 8_000, String(saver.droppedCount));
  assert.deepEqual(
    lines.map((line) => [line.level, line["reason"]]),
    [["error", "ENOSPC"]],
  );
  assert.equal(existsSync(`${path}.new`), false);
  assert.equal(sessions.slotOf("kept", clock.nowMs()), 3);
  const copy = join(temporaryDirectory(context), "both");
  writeFileSync(copy, readFileSync(path));
  const atKill = await life(copy);
  assert.equal(
    atKill.sessions.slotOf("kept", atKill.clock.nowMs()),
    3,
    "The file is whole meanwhile",
  );
  await atKill.saver.close();
  rmSync(join(disk.directory, "filling"));
  pass(50);
  await saver.save();
  await saver.snapshot();
  assert.equal(saver.isSaving, true);
  assert.deepEqual(
    lines.map((line) => line.level),
    ["error", "info"],
  );
  await saver.close();
  const after = await life(path);
  assert.equal(after.sessions.size, 8_001);
  await after.saver.close();
});
