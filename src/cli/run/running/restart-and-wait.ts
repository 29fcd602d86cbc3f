import { PenstockError } from "../../../errors/mod.ts";
import type { DeploymentSource, SourceStatus } from "../../../launch/mod.ts";
import type { ProcessView } from "../../../supervise/mod.ts";
import { formatLogLine } from "../../screen/log-line.ts";
import { findProcess } from "./find-process.ts";

const lastLinesMax = 20;

export interface RestartWish {
  /** Of the process, as `findProcess` reads it. */
  readonly name: string;
  readonly timeoutMs: number;
  /** Hears of the process from the restart on. */
  readonly onChange: (view: ProcessView) => void;
}

/**
 * Restarts a process and resolves with its id when it is ready again; watches before it asks, so that nothing is missed.
 *
 * @throws PenstockError PROCESS_UNKNOWN, PROCESS_NAME_AMBIGUOUS, PROCESS_NOT_READY_AGAIN, and what the deployment
 * refuses the restart with.
 */
export async function restartAndWait(source: DeploymentSource, wish: RestartWish): Promise<string> {
  const done = new AbortController();
  const limit = AbortSignal.timeout(wish.timeoutMs);
  let before: ProcessView | undefined;
  let reason = "the deployment has ended";
  try {
    for await (const status of source.watch(AbortSignal.any([limit, done.signal]))) {
      if (before === undefined) {
        before = viewOf(findProcess(wish.name, idsOf(status)), status)!;
        await source.restart(before.id);
        continue;
      }
      const view = viewOf(before.id, status);
      if (view === undefined) continue;
      wish.onChange(view);
      if (view.phase === "ready" && isFresh(view, before)) return before.id;
      const end = describeEnd(view, status);
      if (end === undefined) continue;
      reason = end;
      break;
    }
  } finally {
    done.abort();
  }
  const id = before?.id ?? wish.name;
  if (limit.aborted) reason = `it was not ready within ${wish.timeoutMs} ms`;
  throw new PenstockError("PROCESS_NOT_READY_AGAIN", {
    id,
    reason: `${reason}${await lastLines(source, id)}`,
    logCommand: `penstock logs ${id}`,
  });
}

function idsOf({ parts }: SourceStatus): readonly string[] {
  return parts.flatMap(({ view }) => view.processes.map(({ id }) => id));
}

function viewOf(id: string, { parts }: SourceStatus): ProcessView | undefined {
  return parts.flatMap(({ view }) => view.processes).find((process) => process.id === id);
}

function isFresh(view: ProcessView, before: ProcessView): boolean {
  return view.restartCount > before.restartCount || view.pid !== before.pid;
}

/** Why the process will not be ready any more; undefined while it may. */
function describeEnd(view: ProcessView, { parts }: SourceStatus): string | undefined {
  if (view.phase === "ended") return "it has ended";
  const isOver = parts.some(({ view: { phase } }) => phase === "stopping" || phase === "ended");
  return isOver ? "the deployment was taken down" : undefined;
}

/** What the process said last, where it can still be read: the deployment may be gone by now. */
async function lastLines(source: DeploymentSource, id: string): Promise<string> {
  const request = { processIds: [id], lineCount: lastLinesMax, follow: false };
  const lines: string[] = [];
  try {
    for await (const entries of source.logs({ ...request, signal: new AbortController().signal }))
      lines.push(
        ...entries.map(({ line }) => formatLogLine(line, { raw: false, hasColour: false })),
      );
  } catch {
    return ""; // The reason stands without them, and the hint says where the log is.
  }
  return lines.length === 0
    ? ""
    : `, its last lines are:${lines.map((line) => `\n    ${line}`).join("")}`;
}
