import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { createLogger, type LogLine, parseLogLine } from "../../telemetry/mod.ts";
import { SessionTable } from "../choose/session-table.ts";
import type { RankNames } from "../sessions/rank-names.ts";

export const rankCount = 7;

/** Ranks 100 to 106, at slots 0 to 6. */
export const ranks: RankNames = {
  indexOf: (slot) => slot + 100,
  slotOf: (index) => (index >= 100 && index < 100 + rankCount ? index - 100 : -1),
};

/** A table as a router with saved sessions has it. */
export function savedTable(sessionsMax = 10_000): SessionTable {
  return new SessionTable({ rankCount, sessionsMax, sessionIdleMsMax: 1_000, changesMax: 4_096 });
}

export function temporaryDirectory(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "penstock-sessions-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A logger and what was told to it. */
export function logged() {
  const lines: LogLine[] = [];
  const write = (line: string) => void lines.push(parseLogLine(line)!);
  const logger = createLogger({ name: "router", format: "json", write });
  return { logger, lines };
}
