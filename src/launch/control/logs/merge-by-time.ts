import { parseLogLine } from "../../../telemetry/mod.ts";
import type { LogEntry } from "../deployment-source.ts";

/** Lines of one process, in the order in which it wrote them. */
export interface ProcessLines {
  readonly processId: string;
  readonly lines: readonly string[];
}

/**
 * The lines of several processes in one order: by the times that they name; a line without one stays behind the line
 * before it.
 */
export function mergeByTime(all: readonly ProcessLines[]): readonly LogEntry[] {
  const timed = all.flatMap(({ processId, lines }) => {
    let time = "";
    return lines.map((line) => {
      const named = parseLogLine(line)?.time;
      if (typeof named === "string" && named > time) time = named;
      return { time, entry: { processId, line } };
    });
  });
  return timed
    .toSorted((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0))
    .map(({ entry }) => entry);
}
