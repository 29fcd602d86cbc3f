export interface TurnsOptions {
  /** Tasks that run at a time. */
  readonly openMax: number;
  /** Tasks that wait until one of those has ended. */
  readonly waitingMax: number;
}

/** Tasks in the order in which they came, some at a time. */
export class Turns {
  readonly #options: TurnsOptions;
  readonly #waiting: (() => Promise<void>)[] = [];
  #openCount = 0;

  constructor(options: TurnsOptions) {
    this.#options = options;
  }

  /** Runs a task, which must not reject, when its turn comes. False: too many wait, and it never will. */
  take(task: () => Promise<void>): boolean {
    const { openMax, waitingMax } = this.#options;
    if (this.#openCount < openMax) this.#run(task);
    else if (this.#waiting.length < waitingMax) this.#waiting.push(task);
    else return false;
    return true;
  }

  #run(task: () => Promise<void>): void {
    this.#openCount += 1;
    void task().finally(() => {
      this.#openCount -= 1;
      const next = this.#waiting.shift();
      if (next !== undefined) this.#run(next);
    });
  }
}
