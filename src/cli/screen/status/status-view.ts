import type { SourceStatus } from "../../../launch/mod.ts";
import { formatProgress, formatStatus } from "./format-status.ts";
import { oneLine } from "./format-table.ts";

/** The part of a terminal or pipe that the view needs. */
export interface StatusScreen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/**
 * What to write for each status of a deployment that is followed: in a terminal that has room the table, over the one
 * before; elsewhere a line for each process that has changed.
 */
export class StatusView {
  readonly #screen: StatusScreen;
  readonly #told = new Map<string, string>();
  #lineCount = 0;

  constructor(screen: StatusScreen) {
    this.#screen = screen;
  }

  next(status: SourceStatus, nowMs: number): string {
    const { isTTY, columns = 80, rows = 24 } = this.#screen;
    const lines = formatStatus(status, nowMs).map((line) => line.slice(0, columns - 1));
    const isRewritten = isTTY === true && process.env["TERM"] !== "dumb" && lines.length < rows;
    return isRewritten ? this.#rewrite(lines) : this.#changes(status);
  }

  #rewrite(lines: readonly string[]): string {
    const back = this.#lineCount === 0 ? "" : `\u001b[${this.#lineCount}A\u001b[0J`;
    this.#lineCount = lines.length;
    return `${back}${lines.map((line) => `${line}\n`).join("")}`;
  }

  #changes({ parts, notes }: SourceStatus): string {
    const told = parts.flatMap(({ id, view }) => [
      ...view.processes.map((process) => [process.id, withoutShare(process)] as const),
      [id, view.phase] as const,
    ]);
    const all = [...told, ...notes.map((note, index) => [`note ${index}`, note] as const)];
    const changed = all.filter(([id, text]) => this.#told.get(id) !== text);
    for (const [id, text] of changed) this.#told.set(id, text);
    return changed.map(([id, text]) => `${oneLine(`${id}: ${text}`)}\n`).join("");
  }
}

/** Each percent would be a line. */
function withoutShare(process: Parameters<typeof formatProgress>[0]): string {
  const { progress } = process;
  const stage = progress === undefined ? undefined : { ...progress, done: 0 };
  const text = formatProgress({ ...process, progress: stage });
  return text === "" ? process.phase : `${process.phase}; ${text}`;
}
