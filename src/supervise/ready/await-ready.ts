import type { ReadyCheck } from "../process-spec.ts";
import { answersOk, listsModel, takesConnections } from "./ask.ts";
import { poll } from "./poll.ts";

/** Waits until a process is ready: true, or false when its time is up or the signal aborts. */
export async function awaitReady(ready: ReadyCheck, signal: AbortSignal): Promise<boolean> {
  return ready.kind === "started" || poll(askFor(ready), { timeoutMs: ready.timeoutMs, signal });
}

function askFor(
  ready: Exclude<ReadyCheck, { kind: "started" }>,
): (signal: AbortSignal) => Promise<boolean> {
  if (ready.kind === "http") return (signal) => answersOk(ready.url, signal);
  if (ready.kind === "model") return (signal) => listsModel(ready.url, ready.model, signal);
  return (signal) => takesConnections(ready, signal);
}

/** What is awaited, as a sentence without its end; undefined where nothing is. */
export function describeReady(ready: ReadyCheck): string | undefined {
  if (ready.kind === "http") return `${ready.url} answers 200`;
  if (ready.kind === "model") return `${ready.url} lists "${ready.model}"`;
  if (ready.kind === "port") return `${ready.host} port ${ready.port} takes connections`;
  return undefined;
}
