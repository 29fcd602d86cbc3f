import { connect } from "node:net";
import type { ReadyCheck } from "../../plan/mod.ts";

const attemptTimeoutMs = 3_000;
const answerBytesMax = 1024 * 1024;

/** Asks once whether a process is ready; whatever goes wrong on the way is a no. */
export async function probe(check: ReadyCheck, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  if (check.kind === "started") return true;
  const within = AbortSignal.any([signal, AbortSignal.timeout(attemptTimeoutMs)]);
  try {
    if (check.kind === "port") return await takesConnections(check.host, check.port, within);
    const response = await fetch(check.url, { signal: within, redirect: "error" });
    const text = await readText(response);
    return response.status === 200 && (check.kind === "http" || lists(text, check.model));
  } catch {
    // Not listening yet, cut off or no answer in time: the next try asks again.
    return false;
  }
}

async function readText(response: Response): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length > answerBytesMax) throw new Error(`an answer of over ${answerBytesMax} bytes`);
  }
  return text;
}

function lists(text: string, model: string): boolean {
  const { data } = JSON.parse(text) as { readonly data?: unknown };
  return Array.isArray(data) && data.some((entry: { id?: unknown } | null) => entry?.id === model);
}

function takesConnections(host: string, port: number, signal: AbortSignal): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host, port });
  const stop = (): void => void socket.destroy();
  signal.addEventListener("abort", stop, { once: true });
  socket.once("connect", () => {
    resolve(true);
    socket.destroy();
  });
  socket.on("error", () => resolve(false));
  socket.once("close", () => {
    signal.removeEventListener("abort", stop);
    resolve(false);
  });
  return promise;
}
