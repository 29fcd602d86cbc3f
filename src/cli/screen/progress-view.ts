import type { DeploymentView, ProcessView } from "../../supervise/mod.ts";

/** The part of a terminal or pipe that the view needs. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

export interface ProgressView {
  update(view: DeploymentView): void;
}

/**
 * Shows how far each process is: in a terminal one line a process that is rewritten in place; elsewhere, and
 * for more processes than the terminal has lines, a plain line whenever a process reaches its next stage.
 */
export function createProgressView(screen: Screen, isDumb = isDumbTerminal()): ProgressView {
  const rewriting = new RewritingView(screen);
  const plain = new PlainView(screen);
  return {
    update(view) {
      const fits = view.processes.length + 2 < (screen.rows ?? 0);
      if (screen.isTTY === true && fits && !isDumb) rewriting.update(view);
      else plain.update(view);
    },
  };
}

function isDumbTerminal(): boolean {
  return process.env["TERM"] === "dumb";
}

class RewritingView {
  readonly #screen: Screen;
  #shown = "";
  #phase = "";

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  update({ processes, phase }: DeploymentView): void {
    const isNewPart = phase === "stopping" && this.#phase !== phase;
    const columns = this.#screen.columns ?? 80;
    const width = Math.max(...processes.map(({ id }) => id.length));
    const lines = processes.map((process) =>
      `  ${process.id.padEnd(width)}  ${describe(process, true)}`.slice(0, columns - 1),
    );
    const text = lines.join("\n");
    if (text === this.#shown && !isNewPart) return;
    // Below the screen that was printed in between, the lines begin anew.
    const isContinued = this.#shown !== "" && !isNewPart;
    const back = isContinued ? `\u001b[${lines.length}A` : isNewPart ? "\nStopping\n" : "";
    this.#screen.write(`${back}${lines.map((line) => `\u001b[2K${line}\n`).join("")}`);
    this.#shown = text;
    this.#phase = phase;
  }
}

class PlainView {
  readonly #screen: Screen;
  readonly #shown = new Map<string, string>();

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  update({ processes }: DeploymentView): void {
    for (const process of processes) {
      const text = describe(process, false);
      if (this.#shown.get(process.id) === text) continue;
      this.#shown.set(process.id, text);
      this.#screen.write(`${process.id}: ${text}\n`);
    }
  }
}

function describe({ phase, progress }: ProcessView, withShare: boolean): string {
  if (phase !== "starting" || progress === undefined) return phase;
  const { stage, done } = progress;
  return withShare && done > 0 && done < 1 ? `${stage} ${Math.floor(done * 100)} %` : stage;
}
