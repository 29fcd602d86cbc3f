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
 * Shows how far each process is and what it waits for: in a terminal one line a process that is rewritten in place;
 * elsewhere, for more processes than the terminal has lines, and below the screen of a deployment that serves, a plain
 * line whenever a process reaches its next stage.
 */
export function createProgressView(screen: Screen, isDumb = isDumbTerminal()): ProgressView {
  const rewriting = new RewritingView(screen);
  const plain = new PlainView(screen);
  let wasReady = false;
  return {
    update(view) {
      const fits = view.processes.length + 2 < (screen.rows ?? 0);
      const canRewrite = screen.isTTY === true && fits && !isDumb;
      const isServing = wasReady && view.phase === "ready";
      wasReady ||= view.phase === "ready";
      if (canRewrite && !isServing) {
        rewriting.update(view);
        plain.note(view);
      } else {
        plain.update(view);
      }
    },
  };
}

/** Whether the terminal knows no cursor. */
export function isDumbTerminal(): boolean {
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

  update(view: DeploymentView): void {
    for (const { id, text } of this.note(view)) this.#screen.write(`${id}: ${text}\n`);
  }

  /** Takes in what is shown otherwise; returns what is new. */
  note({ processes }: DeploymentView): readonly { readonly id: string; readonly text: string }[] {
    const lines = processes.map((process) => ({ id: process.id, text: describe(process, false) }));
    const news = lines.filter(({ id, text }) => this.#shown.get(id) !== text);
    for (const { id, text } of news) this.#shown.set(id, text);
    return news;
  }
}

/**
 * In detail with what changes often. Why something ended is always said, and what is awaited at least once, with the
 * first line of a start.
 */
function describe(view: ProcessView, inDetail: boolean): string {
  const { phase, progress, waitingFor } = view;
  const wait = waitingFor === undefined ? "" : `; ${waitingFor}`;
  if (phase === "restarting") return `restarting${wait}`;
  if (phase !== "starting") return inDetail ? `${phase}${countRestarts(view)}` : phase;
  const stage = progress?.stage ?? `starting${countRestarts(view)}`;
  if (!inDetail) return progress === undefined ? `${stage}${wait}` : stage;
  const done = progress?.done ?? 0;
  return `${stage}${done > 0 && done < 1 ? ` ${Math.floor(done * 100)} %` : ""}${wait}`;
}

function countRestarts({ restartCount }: ProcessView): string {
  return restartCount === 0 ? "" : ` (restart ${restartCount})`;
}
