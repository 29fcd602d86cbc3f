import { stat } from "node:fs/promises";

export interface FileWatchOptions {
  readonly intervalMs: number;
  /** Takes the files as they are now; what it throws means that they cannot be used. */
  readonly load: () => Promise<void>;
  readonly onReloaded: () => void;
  /** Files that changed cannot be used, and what was loaded stays in force. Called once for each reason. */
  readonly onFault: (error: Error) => void;
}

/**
 * Loads files, and loads them again when one has changed. It looks at them at intervals: events of the file system tell nothing of
 * files that another machine writes, or that a link is turned to, as cluster file systems and secret stores do.
 */
export class FileWatch {
  readonly #paths: readonly string[];
  readonly #options: FileWatchOptions;
  #loaded = "";
  #fault = "";
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  private constructor(paths: readonly string[], options: FileWatchOptions) {
    this.#paths = paths;
    this.#options = options;
  }

  /** @throws what the first load throws */
  static async start(paths: readonly string[], options: FileWatchOptions): Promise<FileWatch> {
    const watch = new FileWatch(paths, options);
    await watch.#load();
    watch.#wait();
    return watch;
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #wait(): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => void this.#look(), this.#options.intervalMs).unref();
  }

  /** What cannot be used is tried again at each look: a file that is being written, or a machine out of descriptors. */
  async #look(): Promise<void> {
    try {
      if (await this.#load()) this.#options.onReloaded();
      this.#fault = "";
    } catch (error) {
      const fault = error as Error;
      if (fault.message !== this.#fault) this.#options.onFault(fault);
      this.#fault = fault.message;
    }
    this.#wait();
  }

  /** False where nothing has changed. The state is taken first: a change while the files are read shows the next time. */
  async #load(): Promise<boolean> {
    const state = (await Promise.all(this.#paths.map(stateOf))).join(" ");
    if (state === this.#loaded) return false;
    await this.#options.load();
    this.#loaded = state;
    return true;
  }
}

async function stateOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return `${ino}:${size}:${mtimeNs}:${ctimeNs}`;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "error"; // Reading the file says it in full.
  }
}
