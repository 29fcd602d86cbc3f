import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogger, type LogLine, parseLogLine } from "../../telemetry/mod.ts";
import { startRank } from "../test-support/test-rank.ts";
import { eventually } from "../test-support/within.ts";
import { defaultHealthOptions, HealthChecks } from "./health-checks.ts";
import { RankTable } from "./rank-table.ts";

function setUp(url: string) {
  const table = new RankTable([{ index: 5, url }]);
  const lines: LogLine[] = [];
  const write = (line: string) => void lines.push(parseLogLine(line)!);
  const logger = createLogger({ name: "router", format: "json", write });
  const options = { ...defaultHealthOptions, upIntervalMs: 10, downIntervalMs: 10 };
  const checks = new HealthChecks(table, options, logger);
  return { table, lines, checks };
}

test("HealthChecks follow a rank up, down and up again, and log each turn once", async () => {
  const rank = await startRank(() => undefined);
  const { table, lines, checks } = setUp(rank.url);
  checks.start();
  await eventually("up", () => table.livingCount === 1);
  await rank.kill();
  await eventually("down", () => table.livingCount === 0);
  assert.equal(table.health(0).reason, "ECONNREFUSED");
  await using again = await startRank(() => undefined, rank.port);
  assert.equal(again.port, rank.port);
  await eventually("up again", () => table.livingCount === 1);
  checks.close();
  assert.deepEqual(
    lines.map(({ level, message, rank }) => [level, message, rank]),
    [
      ["info", "Rank is up", 5],
      ["warning", "Rank is out of use", 5],
      ["info", "Rank is up", 5],
    ],
  );
});

test("HealthChecks.noteUnreachable() takes a rank out of use until the next probe", async () => {
  await using rank = await startRank(() => undefined);
  const { table, checks } = setUp(rank.url);
  checks.start();
  await eventually("up", () => table.livingCount === 1);
  checks.noteUnreachable(0, "ECONNRESET");
  assert.equal(table.livingCount, 0);
  assert.equal(table.health(0).reason, "ECONNRESET");
  await eventually("up again", () => table.livingCount === 1);
  checks.close();
});
