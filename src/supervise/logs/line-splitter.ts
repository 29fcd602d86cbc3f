import { StringDecoder } from "node:string_decoder";

/** Longer lines are cut into pieces of this many characters. */
export const lineLengthMax = 65_536;

/** What ends a line where progress bars rewrite theirs: each state of a bar is a line of its own. */
export const rewrittenLineEnd = /\r\n|[\r\n]/;

/** Cuts a stream of bytes into lines; characters that are split between two chunks stay whole. */
export class LineSplitter {
  readonly #decoder = new StringDecoder("utf8");
  readonly #lineEnd: string | RegExp;
  #rest = "";

  constructor(lineEnd: string | RegExp = "\n") {
    this.#lineEnd = lineEnd;
  }

  /** The lines that this chunk completes, without their line ends. */
  push(chunk: Buffer): readonly string[] {
    const lines = (this.#rest + this.#decoder.write(chunk)).split(this.#lineEnd);
    this.#rest = lines.pop()!;
    while (this.#rest.length > lineLengthMax) {
      lines.push(this.#rest.slice(0, lineLengthMax));
      this.#rest = this.#rest.slice(lineLengthMax);
    }
    return lines;
  }

  /** What stands after the last line end. */
  end(): readonly string[] {
    const rest = this.#rest + this.#decoder.end();
    this.#rest = "";
    return rest === "" ? [] : [rest];
  }
}
