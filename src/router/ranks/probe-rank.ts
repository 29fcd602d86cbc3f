import { connect } from "node:net";
import type { RankAddress } from "./rank-address.ts";
import type { HealthSign } from "./rank-health.ts";

/** A status line is short; a server that sends more without one is no rank. */
const answerBytesMax = 1_024;

/** How the system says that no machine answered. */
const nobodyThere: ReadonlySet<string> = new Set([
  "EHOSTDOWN",
  "EHOSTUNREACH",
  "ENETDOWN",
  "ENETUNREACH",
  "ETIMEDOUT",
]);

/**
 * Asks a rank once, `GET /health` on a connection of its own, and reads no further than the status. Never rejects.
 */
export function probeRank(
  address: RankAddress,
  options: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<HealthSign> {
  const { promise, resolve } = Promise.withResolvers<HealthSign>();
  const { host, port, authority } = address;
  const socket = connect({ host, port, signal: options.signal });
  let isConnected = false;
  let answer = "";
  const settle = (sign: HealthSign) => {
    resolve(sign);
    clearTimeout(timer);
    socket.destroy();
  };
  const fail = (reason: string, isSilent = false) => {
    const kind = isConnected ? "failed" : "unreachable";
    settle({ kind, reason, ...(isSilent && { isSilent }) });
  };
  const giveUp = () => fail(`no answer in ${options.timeoutMs} ms`, answer === "");
  const timer = setTimeout(giveUp, options.timeoutMs);
  socket.on("connect", () => {
    isConnected = true;
    socket.write(`GET /health HTTP/1.1\r\nhost: ${authority}\r\nconnection: close\r\n\r\n`);
  });
  socket.on("data", (chunk: Buffer) => {
    answer += chunk.toString("latin1", 0, answerBytesMax);
    const status = /^HTTP\/1\.[01] (\d{3})[ \r]/.exec(answer)?.[1];
    if (status?.startsWith("2") === true) settle({ kind: "ready" });
    else if (status !== undefined) fail(`its health check answered ${status}`);
    else if (answer.length >= answerBytesMax) fail("its health check answered no HTTP");
  });
  socket.on("error", ({ code, message }: NodeJS.ErrnoException) =>
    fail(code ?? message, code !== undefined && nobodyThere.has(code)),
  );
  socket.on("close", () => fail("its health check was cut off"));
  return promise;
}
