import assert from "node:assert/strict";
import {
  existsSync,
  mkdtempDisposableSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createLogger, type LogLine, parseLogLine } from "../../telemetry/mod.ts";
import { systemClock } from "../net/clock.ts";
import { recordOf } from "../test-support/traced-requests.ts";
import { eventually } from "../test-support/within.ts";
import { AccessLog, type AccessLogLimits, type AccessLogOptions } from "./access-log.ts";
import type { LogSink } from "./log-sink.ts";

/** An access log's surroundings, with short intervals. */
function surroundings(limits: Partial<AccessLogLimits> = {}) {
  const told: LogLine[] = [];
  const write = (line: string) => void told.push(parseLogLine(line.trimEnd())!);
  const options: AccessLogOptions = {
    clock: systemClock,
    epochMs: () => 0,
    logger: createLogger({ name: "router", format: "json", write }),
    limits: { intervalMs: 10, ...limits },
  };
  return { told, options };
}

/** Ids of the lines of a file, each of which must be whole. */
function idsOf(path: string): readonly string[] {
  const text = readFileSync(path, "utf8");
  assert.ok(text === "" || text.endsWith("\n"));
  const lines = text.split("\n").slice(0, -1);
  return lines.map((line) => (JSON.parse(line) as { request_id: string }).request_id);
}

const ids = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => `${from + index}`);

test("AccessLog appends a line for each request in order, and the last ones when it closes", async () => {
  using directory = mkdtempDisposableSync(join(tmpdir(), "penstock-"));
  const path = join(directory.path, "access.log");
  const { told, options } = surroundings();
  for (const from of [0, 1_000]) {
    const log = await AccessLog.open(path, options);
    for (const requestId of ids(1_000, from)) log.note(recordOf({ requestId }));
    await log.close();
    await log.close();
    assert.equal(log.drops.value, 0);
  }
  assert.deepEqual(idsOf(path), ids(2_000));
  assert.deepEqual(told, []);
});

test("AccessLog writes without being closed, soon or when there are many lines", async () => {
  using directory = mkdtempDisposableSync(join(tmpdir(), "penstock-"));
  for (const [intervalMs, count] of [
    [10, 1],
    [600_000, 512],
  ] as const) {
    const path = join(directory.path, `${count}`);
    const log = await AccessLog.open(path, surroundings({ intervalMs }).options);
    for (const requestId of ids(count)) log.note(recordOf({ requestId }));
    await eventually("the lines are there", () => idsOf(path).length === count);
    await log.close();
  }
});

test("AccessLog moves a full file away and keeps so many of them", async () => {
  using directory = mkdtempDisposableSync(join(tmpdir(), "penstock-"));
  const path = join(directory.path, "access.log");
  const log = await AccessLog.open(
    path,
    surroundings({ fileBytesMax: 100, oldFilesMax: 2 }).options,
  );
  for (const requestId of ids(5)) {
    log.note(recordOf({ requestId }));
    await eventually("it is written", () => existsSync(path) && idsOf(path).includes(requestId));
  }
  await log.close();
  assert.deepEqual(readdirSync(directory.path).toSorted(), [
    "access.log",
    "access.log.1",
    "access.log.2",
  ]);
  assert.deepEqual(
    ["", ".1", ".2"].flatMap((end) => idsOf(path + end)),
    ["4", "3", "2"],
  );
});

test("AccessLog begins a file that was moved away or removed anew", async () => {
  using directory = mkdtempDisposableSync(join(tmpdir(), "penstock-"));
  const path = join(directory.path, "access.log");
  const log = await AccessLog.open(path, surroundings().options);
  const writes = async (requestId: string) => {
    log.note(recordOf({ requestId }));
    await eventually(requestId, () => existsSync(path) && idsOf(path).includes(requestId));
  };
  await writes("a");
  renameSync(path, `${path}.old`);
  await writes("b");
  rmSync(path);
  await writes("c");
  await log.close();
  assert.deepEqual(idsOf(`${path}.old`), ["a"]);
  assert.deepEqual(idsOf(path), ["c"]);
});

test("AccessLog of another thread follows the one that moves full files away", async () => {
  using directory = mkdtempDisposableSync(join(tmpdir(), "penstock-"));
  const path = join(directory.path, "access.log");
  const limits = { fileBytesMax: 5_000, oldFilesMax: 99 };
  const first = await AccessLog.open(path, surroundings(limits).options);
  const other = await AccessLog.open(path, { ...surroundings(limits).options, rotates: false });
  for (const requestId of ids(300)) {
    (Number(requestId) % 2 === 0 ? first : other).note(recordOf({ requestId }));
    if (Number(requestId) % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await Promise.all([first.close(), other.close()]);
  const files = readdirSync(directory.path);
  assert.ok(files.length > 2, `${files.length} files`);
  const written = files.flatMap((file) => idsOf(join(directory.path, file)));
  assert.deepEqual(
    written
      .map(Number)
      .toSorted((one, two) => one - two)
      .map(String),
    ids(300),
  );
});

test("AccessLog survives a full disk, tells it once, and goes on when there is room", async () => {
  using directory = mkdtempDisposableSync(join(tmpdir(), "penstock-"));
  const path = join(directory.path, "access.log");
  symlinkSync("/dev/full", path);
  const { told, options } = surroundings();
  const log = await AccessLog.open(path, options);
  for (let count = 1; count <= 3; count++) {
    log.note(recordOf());
    await eventually("it is lost", () => log.drops.value === count);
  }
  const summary = () =>
    told.map(({ level, message, ...facts }) => [level, message, facts["reason"] ?? facts["lost"]]);
  const lost = ["error", "Lines of the access log are lost", "ENOSPC"];
  assert.deepEqual(summary(), [lost]);
  rmSync(path);
  log.note(recordOf({ requestId: "later" }));
  await eventually("it is written again", () => told.length === 2);
  await log.close();
  assert.deepEqual(summary(), [lost, ["warning", "The access log is written again", 3]]);
  assert.deepEqual(readFileSync(path, "utf8").trimStart().split("\n").length, 2);
});

/** A sink whose writes wait until the test lets them go. */
class SlowSink implements LogSink {
  text = "";
  isClosed = false;
  take: (bytes: Buffer) => Promise<number>;

  constructor(take: (bytes: Buffer) => Promise<number>) {
    this.take = take;
  }

  async write(bytes: Buffer): Promise<number> {
    const count = await this.take(bytes);
    this.text += bytes.toString("latin1", 0, count);
    return count;
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }
}

test("AccessLog holds no more than its limits while nothing is written", async () => {
  const { promise, resolve } = Promise.withResolvers<number>();
  const sink = new SlowSink(async (bytes) => Math.min(bytes.length, await promise));
  const { told, options } = surroundings({ waitingBytesMax: 5_000, recordsMax: 10 });
  const log = new AccessLog(sink, options);
  for (const requestId of ids(15)) log.note(recordOf({ requestId }));
  assert.equal(log.drops.value, 5);
  for (let count = 0; log.drops.value < 10; count++) {
    assert.ok(count < 1_000);
    log.note(recordOf());
    await new Promise((turn) => setTimeout(turn, 5));
  }
  assert.equal(told.length, 1);
  resolve(Infinity);
  await log.close();
  assert.ok(sink.text.length > 2_000 && sink.text.length <= 5_000, `${sink.text.length}`);
  assert.equal(told.length, 2);
});

test("AccessLog writes what is taken in pieces, and waits while nothing is", async () => {
  const sizes = [7, 0, 0, 1, 400];
  const sink = new SlowSink(async (bytes) => Math.min(bytes.length, sizes.shift() ?? Infinity));
  const { options } = surroundings();
  const log = new AccessLog(sink, options);
  for (const requestId of ids(10)) log.note(recordOf({ requestId }));
  await log.close();
  assert.deepEqual(
    sink.text
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as { request_id: string }).request_id),
    ids(10),
  );
  assert.equal(log.drops.value, 0);
});

test("AccessLog ends a line that a failed write left behind, so that the next is whole", async () => {
  let count = 0;
  const sink = new SlowSink(async (bytes) => {
    if (++count === 2) throw new Error("no more");
    return count === 1 ? 10 : bytes.length;
  });
  const { options } = surroundings();
  const log = new AccessLog(sink, options);
  log.note(recordOf({ requestId: "half" }));
  await eventually("it is lost", () => log.drops.value === 1);
  log.note(recordOf({ requestId: "whole" }));
  await log.close();
  const [half, whole] = sink.text.split("\n");
  assert.equal(half?.length, 10);
  assert.equal((JSON.parse(whole!) as { request_id: string }).request_id, "whole");
});

test("AccessLog.close() ends where nothing is taken any more", async () => {
  for (const take of [async () => 0, () => new Promise<number>(() => {})]) {
    const sink = new SlowSink(take);
    const log = new AccessLog(sink, surroundings({ closeMsMax: 30 }).options);
    log.note(recordOf());
    await log.close();
    assert.ok(sink.isClosed);
  }
});

test("AccessLog loses what is noted after its end, and counts it", async () => {
  const { options } = surroundings();
  const log = new AccessLog(new SlowSink(async (bytes) => bytes.length), options);
  await log.close();
  log.note(recordOf());
  assert.equal(log.drops.value, 1);
});
