import { createWriteStream } from "node:fs";
import type { DeploymentView, ProcessView } from "../../../supervise/mod.ts";
import { createLogger, type Logger } from "../../../telemetry/mod.ts";

/** What `penstock node` writes down of its own doing: one line whenever a process comes into another phase. */
export class NodeLog {
  readonly logger: Logger;
  readonly #stream: ReturnType<typeof createWriteStream>;
  readonly #shown = new Map<string, string>();

  constructor(file: string, name: string) {
    this.#stream = createWriteStream(file, { flags: "a" });
    this.#stream.on("error", () => {
      // A disk that is full or gone must not end what serves; the job's own log still tells the cause of an end.
    });
    this.logger = createLogger({
      name,
      format: "text",
      write: (line) => void this.#stream.write(line),
    });
  }

  show({ processes }: DeploymentView): void {
    for (const process of processes) {
      const text = describe(process);
      if (this.#shown.get(process.id) === text) continue;
      this.#shown.set(process.id, text);
      this.logger.info(`${process.id}: ${text}`);
    }
  }

  async close(): Promise<void> {
    // It closes by itself where it could not be written.
    if (this.#stream.closed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#stream.once("close", resolve);
    this.#stream.end(() => this.#stream.destroy());
    await promise;
  }
}

function describe({ phase, pid, restartCount }: ProcessView): string {
  const which = pid === undefined ? "" : `, pid ${pid}`;
  return restartCount === 0 ? `${phase}${which}` : `${phase}${which}, restart ${restartCount}`;
}
