import { PenstockError } from "../../errors/mod.ts";
import type { LogEntry } from "../../launch/mod.ts";
import type { LogsFlags } from "../commands/logs.ts";
import type { CliContext } from "../context.ts";
import { formatLogLine, makeIdPrefix } from "../screen/log-line.ts";
import { findProcess } from "./running/find-process.ts";
import { openNamedSource } from "./running/open-named-source.ts";
import { Output } from "./running/output.ts";

/** Shows the logs of a running deployment, until it ends where they are followed. */
export async function runLogs(this: CliContext, flags: LogsFlags, name?: string): Promise<void> {
  const { deployment, follow, lines, raw } = flags;
  const source = await openNamedSource({ deployment });
  const { parts, notes } = await source.status();
  const ids = parts.flatMap(({ view }) => view.processes.map(({ id }) => id));
  if (ids.length === 0)
    throw new PenstockError("LOGS_MISSING", { name: source.name, state: notes[0] });
  const processIds = name === undefined ? ids : [findProcess(name, ids)];
  const hasColour = process.stdout.isTTY && process.env["NO_COLOR"] === undefined;
  const prefixOf = processIds.length > 1 ? makeIdPrefix(processIds, hasColour) : () => "";
  const show = ({ processId, line }: LogEntry): string =>
    `${prefixOf(processId)}${formatLogLine(line, { raw, hasColour })}\n`;
  const output = new Output();
  const request = { processIds, lineCount: lines, follow, signal: output.gone };
  for await (const entries of source.logs(request)) await output.write(entries.map(show).join(""));
}
