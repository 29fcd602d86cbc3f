import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { isTable, parseJson } from "../../../base/mod.ts";
import { PenstockError } from "../../../errors/mod.ts";

/** A route of the router's admin socket, called what vllm-router calls it. */
export type AdminRoute = "list_workers" | "add_worker" | "drain_worker" | "remove_worker";

export interface AdminQuestion {
  readonly route: AdminRoute;
  readonly query?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

const timeoutMsDefault = 10_000;

/** Thousands of ranks with some hundred bytes each. */
const answerBytesMax = 16_777_216;

/**
 * Asks a router at its admin socket; gives the JSON object that it answers.
 *
 * @throws PenstockError ROUTER_ADMIN_SILENT, ROUTER_ADMIN_REFUSED
 */
export async function askRouter(
  socketPath: string,
  { route, query = {}, timeoutMs = timeoutMsDefault }: AdminQuestion,
): Promise<Readonly<Record<string, unknown>>> {
  const words = new URLSearchParams(query).toString();
  const path = `/${route}${words === "" ? "" : `?${words}`}`;
  const method = route === "list_workers" ? "GET" : "POST";
  const signal = AbortSignal.timeout(timeoutMs);
  const { status, body } = await exchange({ socketPath, path, method, signal });
  const answer = parseJson(body);
  if (status === 200 && isTable(answer)) return answer;
  const reason = reasonOf(answer) ?? `it answered ${status} with no reason that can be read`;
  throw new PenstockError("ROUTER_ADMIN_REFUSED", { route, reason });
}

interface Question {
  readonly socketPath: string;
  readonly path: string;
  readonly method: string;
  readonly signal: AbortSignal;
}

async function exchange(question: Question): Promise<{ status: number; body: string }> {
  const { socketPath, signal } = question;
  try {
    const asked = request({ ...question, host: "localhost", agent: false }).end();
    const [response] = (await once(asked, "response", { signal })) as [IncomingMessage];
    return { status: response.statusCode!, body: await readBody(response) };
  } catch (error) {
    const reason = signal.aborted ? "it did not answer in time" : (error as Error).message;
    throw new PenstockError("ROUTER_ADMIN_SILENT", { socketPath, reason }, { cause: error });
  }
}

async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > answerBytesMax) throw new Error(`its answer has more than ${answerBytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** What an error body in the shape of OpenAI's says. */
function reasonOf(answer: unknown): string | undefined {
  const error = isTable(answer) ? answer["error"] : undefined;
  if (typeof error === "string") return error;
  const message = isTable(error) ? error["message"] : undefined;
  return typeof message === "string" ? message.replace(/^Cannot do it: /, "") : undefined;
}
