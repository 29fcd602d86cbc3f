import { LineSplitter } from "../../../../supervise/mod.ts";
import type { LogEntry } from "../../../control/deployment-source.ts";

/** Parts what `tail -v` prints of several files: a head line `==> FILE <==` before each one's lines. */
export class TailParser {
  readonly #ids: ReadonlyMap<string, string>;
  readonly #splitter = new LineSplitter();
  #processId: string | undefined;
  /** A blank line stands before a head line, and is one of the log's where none follows. */
  #blank: LogEntry | undefined;

  constructor(idsByFile: ReadonlyMap<string, string>) {
    this.#ids = idsByFile;
  }

  push(chunk: Buffer): readonly LogEntry[] {
    return this.#splitter.push(chunk).flatMap((line) => this.#take(line));
  }

  #take(line: string): readonly LogEntry[] {
    const file = /^==> (?<file>.*) <==$/.exec(line)?.groups!["file"];
    const next = file === undefined ? undefined : this.#ids.get(file);
    if (next !== undefined) {
      this.#processId = next;
      this.#blank = undefined;
      return [];
    }
    if (this.#processId === undefined) return [];
    const entry = { processId: this.#processId, line };
    const held = this.#blank === undefined ? [] : [this.#blank];
    this.#blank = line === "" ? entry : undefined;
    return line === "" ? held : [...held, entry];
  }
}
