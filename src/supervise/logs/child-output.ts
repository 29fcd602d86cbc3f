import { printable } from "../../base/mod.ts";
import { type LogLine, parseLogLine } from "../../telemetry/mod.ts";
import type { Progress } from "../deployment-view.ts";
import { LineSplitter, rewrittenLineEnd } from "./line-splitter.ts";
import { RotatingFile } from "./rotating-file.ts";
import { isProgressBar, readVllmProgress } from "./vllm-progress.ts";

/** Lines kept to show when the process fails. */
export const lastLinesMax = 20;
const shownLineLengthMax = 500;

export interface OutputListener {
  onProgress(progress: Progress): void;
  /** Hears, once, that the log file loses what the process says, and why. */
  onLoss(reason: string): void;
}

/** What a process says: into its log file, and the parts of it that the supervisor understands. */
export class ChildOutput {
  readonly logFile: string;
  readonly #file: RotatingFile;
  readonly #listener: OutputListener;
  #lastLines: string[] = [];
  #fatal: LogLine | undefined;

  constructor(logFile: string, listener: OutputListener) {
    this.logFile = logFile;
    this.#file = new RotatingFile(logFile, (reason) => listener.onLoss(reason));
    this.#listener = listener;
  }

  /** Takes everything of one stream of the process. */
  take(stream: NodeJS.ReadableStream): void {
    const splitter = new LineSplitter(rewrittenLineEnd);
    stream.on("data", (chunk: Buffer) => {
      this.#file.write(chunk);
      for (const line of splitter.push(chunk)) this.#takeLine(line);
    });
    stream.on("end", () => {
      for (const line of splitter.end()) this.#takeLine(line);
    });
  }

  /** The process starts again: its log goes on behind this line, and what it said before is not its cause any more. */
  beginAgain(line: string): void {
    this.#file.write(Buffer.from(`--- ${line} ---\n`));
    this.#lastLines = [];
    this.#fatal = undefined;
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
    if (text.trim() === "") return;
    const line = parseLogLine(text);
    const progress = line === undefined ? readVllmProgress(text) : readOwnProgress(line);
    if (progress !== undefined) this.#listener.onProgress(progress);
    if (line?.level === "fatal") this.#fatal = line;
    if (line?.["event"] === "progress" || isProgressBar(text)) return;
    const shown = line === undefined ? text : `${line.level.toUpperCase()} ${line.message}`;
    this.#lastLines.push(printable(shown.slice(0, shownLineLengthMax)));
    if (this.#lastLines.length > lastLinesMax) this.#lastLines.shift();
  }
}

function readOwnProgress({ event, stage, done }: LogLine): Progress | undefined {
  if (event !== "progress" || typeof stage !== "string" || typeof done !== "number")
    return undefined;
  return { stage: printable(stage), done: Math.min(1, Math.max(0, done)) };
}
