import type { ReadyCheck } from "../process-spec.ts";
import { answersOk, listsModel, type SocketUrl, takesConnections } from "./ask.ts";
import { poll } from "./poll.ts";

/** Waits until a process is ready: true, or false when its time is up or the signal aborts. */
export async function awaitReady(ready: ReadyCheck, signal: AbortSignal): Promise<boolean> {
  if (ready.kind === "started") return true;
  return poll((within) => isReady(ready, within), { timeoutMs: ready.timeoutMs, signal });
}

/** Asks once whether a process is ready, from any machine that reaches it; false also when the signal aborts. */
export async function isReady(ready: ReadyCheck, signal: AbortSignal): Promise<boolean> {
  if (ready.kind === "started") return true;
  if (ready.kind === "http") return answersOk(targetOf(ready), signal);
  if (ready.kind === "model") return listsModel(ready.url, ready.model, signal);
  return takesConnections(ready, signal);
}

/** What is awaited, as a sentence without its end; undefined where nothing is. */
export function describeReady(ready: ReadyCheck): string | undefined {
  if (ready.kind === "http") {
    const { url, socketPath } = ready;
    return `${url}${socketPath === undefined ? "" : ` on "${socketPath}"`} answers 200`;
  }
  if (ready.kind === "model") return `${ready.url} lists "${ready.model}"`;
  if (ready.kind === "port") return `${ready.host} port ${ready.port} takes connections`;
  return undefined;
}

function targetOf({ url, socketPath }: Extract<ReadyCheck, { kind: "http" }>): string | SocketUrl {
  return socketPath === undefined ? url : { url, socketPath };
}
