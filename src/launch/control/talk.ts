import { connect } from "node:net";
import { isPenstockError, PenstockError } from "../../errors/mod.ts";
import { answerBytesMax, answerTimeoutMs, watchSilenceMsMax } from "./limits.ts";
import { readLines } from "./read-lines.ts";
import type { SocketEntry } from "./remove-stale-sockets.ts";
import type { DeploymentStatus } from "./types.ts";
import { type ControlAnswer, type ControlRequest, fromWire, parseAnswer } from "./wire.ts";

/**
 * Asks one thing of the deployment behind a control socket.
 *
 * @throws PenstockError DEPLOYMENT_SILENT, DEPLOYMENT_GONE, CONTROL_ANSWER_INVALID, and what the deployment answers,
 * CONTROL_BUSY among it.
 */
export async function askDeployment(
  entry: SocketEntry,
  request: ControlRequest,
  timeoutMs = answerTimeoutMs,
): Promise<ControlAnswer> {
  for await (const answer of talk(entry, request, { silenceMsMax: timeoutMs })) return answer;
  throw new PenstockError("DEPLOYMENT_GONE", { pid: entry.pid });
}

/** @throws PenstockError as {@linkcode askDeployment} */
export async function askStatus(entry: SocketEntry, timeoutMs?: number): Promise<DeploymentStatus> {
  return statusOf(await askDeployment(entry, { command: "status" }, timeoutMs), entry);
}

/**
 * The status at once and after every change, until the deployment ends, however that happens, or the signal aborts.
 *
 * @throws PenstockError as {@linkcode askDeployment}; DEPLOYMENT_GONE only where it was gone before the first status.
 */
export async function* watchDeployment(
  entry: SocketEntry,
  signal: AbortSignal,
  silenceMsMax = watchSilenceMsMax,
): AsyncGenerator<DeploymentStatus, void, undefined> {
  let hasBegun = false;
  try {
    for await (const answer of talk(entry, { command: "watch" }, { silenceMsMax, signal })) {
      yield statusOf(answer, entry);
      hasBegun = true;
    }
  } catch (error) {
    const hasEnded = isPenstockError(error) && error.code === "DEPLOYMENT_GONE" && hasBegun;
    if (!hasEnded && !signal.aborted) throw error;
  }
  if (!hasBegun && !signal.aborted) throw new PenstockError("DEPLOYMENT_GONE", { pid: entry.pid });
}

interface TalkOptions {
  readonly silenceMsMax: number;
  readonly signal?: AbortSignal;
}

async function* talk(
  { path, pid }: SocketEntry,
  request: ControlRequest,
  { silenceMsMax, signal }: TalkOptions,
): AsyncGenerator<ControlAnswer, void, undefined> {
  const socket = connect({ path, ...(signal === undefined ? {} : { signal }) });
  const silent = new PenstockError("DEPLOYMENT_SILENT", { pid, timeoutMs: silenceMsMax });
  socket.setTimeout(silenceMsMax, () => socket.destroy(silent));
  try {
    socket.write(`${JSON.stringify(request)}\n`);
    for await (const line of readLines(socket, answerBytesMax)) {
      const answer = parseAnswer(line);
      if (answer === undefined) throw invalid(pid, "a line is no answer");
      if ("error" in answer) throw fromWire(answer.error);
      yield answer;
    }
  } catch (error) {
    throw explain(error, pid, silenceMsMax);
  } finally {
    socket.destroy();
  }
}

/** What a system error of the socket says about the deployment. */
function explain(error: unknown, pid: number, timeoutMs: number): unknown {
  if (isPenstockError(error)) return error;
  if (error instanceof RangeError) return invalid(pid, error.message);
  const { code } = error as NodeJS.ErrnoException;
  // So many wait to be let in that no more fit: nobody has answered for long.
  if (code === "EAGAIN") return new PenstockError("DEPLOYMENT_SILENT", { pid, timeoutMs });
  if (code !== undefined && goneCodes.has(code))
    return new PenstockError("DEPLOYMENT_GONE", { pid }, { cause: error });
  return error;
}

const goneCodes: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOENT",
  "EPIPE",
  "ERR_STREAM_PREMATURE_CLOSE",
]);

function statusOf(answer: ControlAnswer, { pid }: SocketEntry): DeploymentStatus {
  if ("status" in answer) return answer.status;
  throw invalid(pid, "it holds no status");
}

function invalid(pid: number, reason: string): PenstockError {
  return new PenstockError("CONTROL_ANSWER_INVALID", { pid, reason });
}
