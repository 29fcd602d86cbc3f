import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "../eventually.ts";
import { seesEveryRank } from "../local-deployment.ts";
import { type Block, commandsOf, type Section } from "./read-guide.ts";
import { patternOf } from "./shown-text.ts";

/** A command that runs on while the next ones do. */
export interface Serving {
  /** Standard output and standard error so far. */
  output(): string;
  /** Settles when it has ended. */
  readonly exited: Promise<number | null>;
  /** Ctrl-C. */
  interrupt(): void;
}

export interface CommandEnd {
  readonly exitCode: number | null;
  /** Standard output and standard error. */
  readonly output: string;
}

/** Where the commands of a guide run. */
export interface GuideShell {
  /** Their working directory. */
  readonly directory: string;
  /** Both take the guide's words as they are. */
  start(command: string): Serving;
  run(command: string): Promise<CommandEnd>;
  /** Puts what is real here in the place of the guide's examples: ports, hosts, numbers of jobs. */
  translate(text: string): string;
}

const readyMsMax = 180_000;
const endMsMax = 90_000;

/**
 * Does what a section of a guide says, block by block, and compares what comes with what is shown. `penstock serve` runs
 * on when it is ready; a shown text that begins with `^C` is what comes of interrupting it.
 */
export class GuideWalk {
  readonly #shell: GuideShell;
  #serving: Serving | undefined;

  constructor(shell: GuideShell) {
    this.#shell = shell;
  }

  async walk({ blocks }: Section): Promise<void> {
    for (const [index, block] of blocks.entries()) {
      if (block.file !== undefined)
        writeFileSync(join(this.#shell.directory, block.file), block.text);
      if (block.kind === "sh") await this.#runAll(block, shownAfter(blocks, index));
      if (block.text.startsWith("^C\n")) await this.#interrupt(block.text.replace(/^.*\n/, ""));
    }
  }

  async #runAll(block: Block, shown: string): Promise<void> {
    let output = "";
    for (const command of commandsOf(block)) {
      const end = isServe(command) ? await this.#serve(command) : await this.#runOne(command);
      // What serve says is shown where it stands alone; otherwise what is asked of it afterwards.
      const isFollowed = isServe(command) && command !== commandsOf(block).at(-1);
      if (!isFollowed) output += end.output.endsWith("\n") ? end.output : `${end.output}\n`;
      const isRefused = /^penstock: Cannot/m.test(shown);
      if (isRefused) assert.ok(end.exitCode !== 0 && end.exitCode !== null, end.output);
      else assert.ok(end.exitCode === 0 || end.exitCode === null, `${command}\n${end.output}`);
    }
    this.#assertShows(output, shown);
  }

  /** Nodes write down how they stand once a second, so that what is ready may be said to start for a moment. */
  async #runOne(command: string): Promise<CommandEnd> {
    if (!command.startsWith("penstock status")) return this.#shell.run(command);
    return eventually("penstock status to know", async () => {
      const end = await this.#shell.run(command);
      return / starting, up /.test(end.output) ? undefined : end;
    });
  }

  /** Its exit code is null where it runs on. */
  async #serve(command: string): Promise<CommandEnd> {
    const serving = this.#shell.start(command);
    this.#serving = serving;
    let hasEnded = false;
    const exited = serving.exited.finally(() => (hasEnded = true));
    await eventually(
      "penstock serve to be ready or to end",
      async () => hasEnded || (await isReady(serving.output())),
      readyMsMax,
    ).catch((error: unknown) => {
      throw new Error(`It said:\n${serving.output()}`, { cause: error });
    });
    return { exitCode: hasEnded ? await exited : null, output: serving.output() };
  }

  async #interrupt(shown: string): Promise<void> {
    const serving = this.#serving;
    assert.ok(serving !== undefined, "there is a penstock serve to interrupt");
    serving.interrupt();
    let exitCode: number | null | undefined;
    serving.exited.then((code) => (exitCode = code)).catch(() => undefined);
    await eventually("penstock serve to end", () => exitCode !== undefined, endMsMax);
    assert.equal(exitCode, 0, serving.output());
    this.#assertShows(serving.output(), shown);
  }

  #assertShows(output: string, shown: string): void {
    if (shown === "") return;
    const expected = this.#shell.translate(shown);
    const text = output.replaceAll("\r\n", "\n");
    assert.ok(patternOf(expected).test(text), `expected\n${expected}\nin\n${text}`);
  }
}

/** A session whose rank the router has not seen yet would move there a moment later. */
async function isReady(output: string): Promise<boolean> {
  const [, endpoints, end] = /^ {2}Endpoint((?:\s+http\S+)+)[^]*^(Ctrl-C )/m.exec(output) ?? [];
  if (end === undefined) return false;
  const seen = await Promise.all(endpoints!.trim().split(/\s+/).map(seesEveryRank));
  return seen.every(Boolean);
}

/** What the guide shows right behind a block; empty where that is another command. */
function shownAfter(blocks: readonly Block[], index: number): string {
  const next = blocks[index + 1];
  return next?.kind === "text" && !next.text.startsWith("^C\n") ? next.text : "";
}

function isServe(command: string): boolean {
  return command.startsWith("penstock serve ") || command === "penstock serve"
    ? !command.includes(" --dry-run")
    : false;
}
