import type { IncomingMessage } from "node:http";
import { GatheredBytes } from "../../base/mod.ts";
import { ApiError, parseJsonBody } from "../../openai-api/mod.ts";

/** The client went away; there is nobody to answer. */
export class ClientGoneError extends Error {
  override readonly name = "ClientGoneError";
}

/** Bytes of all bodies that are being received or parsed. */
export class BodyBudget {
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** @throws ApiError 503 at the limit. */
  take(bytes: number): void {
    if (this.#bytes + bytes > this.#bytesMax)
      throw new ApiError(503, "The server is receiving too much at once, try again later", {
        headers: { "Retry-After": "1" },
      });
    this.#bytes += bytes;
  }

  give(bytes: number): void {
    this.#bytes -= bytes;
  }
}

/**
 * Reads and parses the JSON object of a request.
 *
 * @throws ApiError 400, 413, 503; ClientGoneError when the body ends early.
 */
export async function readJsonBody(
  request: IncomingMessage,
  options: { readonly bytesMax: number; readonly budget: BodyBudget },
): Promise<Readonly<Record<string, unknown>>> {
  checkContentType(request);
  const { bytesMax, budget } = options;
  const declaredBytes = Number(request.headers["content-length"] ?? 0);
  if (declaredBytes > bytesMax) throw tooLarge(bytesMax);
  const body = new GatheredBytes();
  let bytes = 0;
  try {
    for await (const chunk of chunksOf(request)) {
      if (bytes + chunk.length > bytesMax) throw tooLarge(bytesMax);
      budget.take(chunk.length);
      bytes += chunk.length;
      body.push(chunk);
    }
    return parseJsonBody(body.take());
  } finally {
    budget.give(bytes);
  }
}

/** Leaving the loop must not destroy the request: the answer still has to go out on its socket. */
async function* chunksOf(request: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    yield* request.iterator({ destroyOnReturn: false });
  } catch (cause) {
    if (cause instanceof ApiError) throw cause;
    throw new ClientGoneError("the body ended early", { cause });
  }
}

function checkContentType(request: IncomingMessage): void {
  const [mediaType] = (request.headers["content-type"] ?? "").split(";");
  if (mediaType?.trim().toLowerCase() === "application/json") return;
  const message = "Unsupported Media Type: Only 'application/json' is allowed";
  throw new ApiError(400, `1 validation error:\n  body: ${message}`, {
    type: "Bad Request",
    param: "body",
  });
}

function tooLarge(bytesMax: number): ApiError {
  return new ApiError(413, `The body is larger than ${bytesMax} bytes`);
}
