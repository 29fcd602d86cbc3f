import { printable } from "../base/mod.ts";
import { type LogLine, parseLogLine } from "../telemetry/mod.ts";
import { LineSplitter } from "./line-splitter.ts";
import { RotatingFile } from "./rotating-file.ts";

/** Lines kept to show when the process fails. */
export const lastLinesMax = 20;
const shownLineLengthMax = 500;

/** How far a process says it is in getting ready. */
export interface Progress {
  readonly stage: string;
  /** Share of the stage that is done, 0 to 1. */
  readonly done: number;
}

/** What a process says: into its log file, and the parts of it that the supervisor understands. */
export class ChildOutput {
  readonly logFile: string;
  readonly #file: RotatingFile;
  readonly #onProgress: (progress: Progress) => void;
  readonly #lastLines: string[] = [];
  #fatal: LogLine | undefined;

  constructor(logFile: string, onProgress: (progress: Progress) => void) {
    this.logFile = logFile;
    this.#file = new RotatingFile(logFile);
    this.#onProgress = onProgress;
  }

  /** Takes everything of one stream of the process. */
  take(stream: NodeJS.ReadableStream): void {
    const splitter = new LineSplitter();
    stream.on("data", (chunk: Buffer) => {
      this.#file.write(chunk);
      for (const line of splitter.push(chunk)) this.#takeLine(line);
    });
    stream.on("end", () => {
      for (const line of splitter.end()) this.#takeLine(line);
    });
  }

  /** The last lines, oldest first, fit for a terminal. */
  get lastLines(): readonly string[] {
    return this.#lastLines;
  }

  /** The line in which the process itself named the cause of its end. */
  get fatal(): LogLine | undefined {
    return this.#fatal;
  }

  close(): void {
    this.#file.close();
  }

  #takeLine(text: string): void {
    const line = parseLogLine(text);
    const isProgress = line?.["event"] === "progress";
    if (isProgress) this.#takeProgress(line);
    if (line?.level === "fatal") this.#fatal = line;
    if (isProgress || text.trim() === "") return;
    const shown = line === undefined ? text : `${line.level.toUpperCase()} ${line.message}`;
    this.#lastLines.push(printable(shown.slice(0, shownLineLengthMax)));
    if (this.#lastLines.length > lastLinesMax) this.#lastLines.shift();
  }

  #takeProgress(line: LogLine): void {
    const { stage, done } = line;
    if (typeof stage !== "string" || typeof done !== "number") return;
    this.#onProgress({ stage: printable(stage), done: Math.min(1, Math.max(0, done)) });
  }
}
