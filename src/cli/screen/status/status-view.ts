import type { StatusReport } from "../../../launch/mod.ts";
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
  readonly #isDumb: boolean;
  readonly #told = new Map<string, string>();
  #lineCount = 0;

  constructor(screen: StatusScreen, isDumb = process.env["TERM"] === "dumb") {
    this.#screen = screen;
    this.#isDumb = isDumb;
  }

  next(status: StatusReport, nowMs: number): string {
    const { isTTY, columns = 80, rows = 24 } = this.#screen;
    const lines = formatStatus(status, nowMs).map((line) => line.slice(0, columns - 1));
    const isRewritten = isTTY === true && !this.#isDumb && lines.length < rows;
    return isRewritten ? this.#rewrite(lines) : this.#changes(status);
  }

  #rewrite(lines: readonly string[]): string {
    const back = this.#lineCount === 0 ? "" : `\u001b[${this.#lineCount}A\u001b[0J`;
    this.#lineCount = lines.length;
    return `${back}${lines.map((line) => `${line}\n`).join("")}`;
  }

  #changes({ parts, notes }: StatusReport): string {
    const processes = parts.flatMap(({ view }) => view.processes);
    const lines = [
      ...processes.map(
        (process) => [process.id, `${process.id}: ${withoutShare(process)}`] as const,
      ),
      ...parts.map(({ id, view }) => [id, `${id}: ${view.phase}`] as const),
      ...notes.map((note, index) => [`note ${index}`, note] as const),
    ];
    const changed = lines.filter(([key, line]) => this.#told.get(key) !== line);
    for (const [key, line] of changed) this.#told.set(key, line);
    return changed.map(([, line]) => `${oneLine(line)}\n`).join("");
  }
}

/** Each percent would be a line. */
function withoutShare(process: Parameters<typeof formatProgress>[0]): string {
  const { progress } = process;
  const stage = progress === undefined ? undefined : { ...progress, done: 0 };
  const text = formatProgress({ ...process, progress: stage });
  return text === "" ? process.phase : `${process.phase}; ${text}`;
}
