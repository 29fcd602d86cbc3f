import type { DeploymentSource, LogEntry, LogRequest, SourceStatus } from "./deployment-source.ts";
import { awaitExit } from "./is-running.ts";
import { exitMsMax } from "./limits.ts";
import { readLogsUntil } from "./logs/read-logs-until.ts";
import type { SocketEntry } from "./remove-stale-sockets.ts";
import { askDeployment, askStatus, watchDeployment } from "./talk.ts";
import type { DeploymentStatus } from "./types.ts";

/** A deployment of this machine behind its control socket. */
export class LocalSource implements DeploymentSource {
  readonly name: string;
  readonly #entry: SocketEntry;

  constructor(entry: SocketEntry, id: string) {
    this.name = `deployment "${id}"`;
    this.#entry = entry;
  }

  async status(): Promise<SourceStatus> {
    return alone(await askStatus(this.#entry));
  }

  async *watch(signal: AbortSignal): AsyncGenerator<SourceStatus, void, undefined> {
    for await (const status of watchDeployment(this.#entry, signal)) yield alone(status);
    // The socket closes a moment before its process ends, which has ended only then.
    if (!signal.aborted) await awaitExit(this.#entry.pid, exitMsMax);
  }

  async stop({ now }: { readonly now: boolean }): Promise<void> {
    await askDeployment(this.#entry, { command: "stop", now });
  }

  async restart(processId: string): Promise<void> {
    await askDeployment(this.#entry, { command: "restart", process: processId });
  }

  async *logs(request: LogRequest): AsyncGenerator<readonly LogEntry[], void, undefined> {
    const { view } = await askStatus(this.#entry);
    const files = view.processes.filter(({ id }) => request.processIds.includes(id));
    yield* readLogsUntil({ ...request, files, awaitEnd: (signal) => this.#awaitEnd(signal) });
  }

  async #awaitEnd(signal: AbortSignal): Promise<void> {
    for await (const { phase } of watchViews(this.#entry, signal)) if (phase === "ended") return;
  }
}

async function* watchViews(entry: SocketEntry, signal: AbortSignal) {
  for await (const { view } of watchDeployment(entry, signal)) yield view;
}

function alone(status: DeploymentStatus): SourceStatus {
  return { parts: [status], notes: [], isOver: status.view.phase === "ended" };
}
