import { type ClientRequest, get, type IncomingMessage } from "node:http";
import { get as getSecurely } from "node:https";
import { connect } from "node:net";

/** How long one question may take. */
const attemptTimeoutMs = 2_000;
/** A list of models is some hundred bytes a model. */
const modelListBytesMax = 1_048_576;

/** Whether the URL answers 200, over a Unix socket where that is how its server is reached. */
export async function answersOk(target: string | SocketUrl, signal: AbortSignal): Promise<boolean> {
  return ask(target, signal, (response) => {
    response.resume();
    return Promise.resolve(true);
  });
}

/** A URL whose host is no address, since its server listens on a Unix socket. */
export interface SocketUrl {
  readonly url: string;
  readonly socketPath: string;
}

/** Whether the URL, a server's `/v1/models`, answers 200 and lists the model. */
export async function listsModel(
  url: string,
  model: string,
  signal: AbortSignal,
): Promise<boolean> {
  return ask(url, signal, async (response) => {
    const body = await readBody(response);
    return body !== undefined && listedModels(body).includes(model);
  });
}

/** Whether the port takes a connection. */
export function takesConnections(
  { host, port }: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, signal: withTimeout(signal) });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false)); // Not listening yet: the next attempt asks again.
  });
}

function ask(
  target: string | SocketUrl,
  signal: AbortSignal,
  read: (response: IncomingMessage) => Promise<boolean>,
): Promise<boolean> {
  return new Promise((resolve) => {
    const request = send(target, withTimeout(signal));
    request.once("response", (response) => {
      response.on("error", () => resolve(false));
      void readIfOk(response, read).then(resolve, () => resolve(false));
    });
    request.on("error", () => resolve(false)); // Not listening yet: the next attempt asks again.
  });
}

/**
 * Over TLS whatever certificate is shown will do: it names what clients call the server, which is seldom its address,
 * and nothing is told or believed but whether the server answers.
 */
function send(target: string | SocketUrl, signal: AbortSignal): ClientRequest {
  const { url, ...socket } = typeof target === "string" ? { url: target } : target;
  const options = { agent: false, signal, ...socket };
  if (!url.startsWith("https:")) return get(url, options);
  return getSecurely(url, { ...options, rejectUnauthorized: false });
}

async function readIfOk(
  response: IncomingMessage,
  read: (response: IncomingMessage) => Promise<boolean>,
): Promise<boolean> {
  if (response.statusCode === 200) return read(response);
  response.resume();
  return false;
}

/** Undefined where the body is longer than any list of models. */
async function readBody(response: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > modelListBytesMax) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** The ids of an OpenAI list of models; none where it is not one. */
function listedModels(body: string): readonly unknown[] {
  try {
    const { data } = JSON.parse(body) as { data?: unknown };
    return Array.isArray(data) ? data.map((entry: { id?: unknown } | null) => entry?.id) : [];
  } catch {
    return []; // Something else answers there: the model is not served yet.
  }
}

function withTimeout(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(attemptTimeoutMs)]);
}
