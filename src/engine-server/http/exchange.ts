import type { IncomingMessage, ServerResponse } from "node:http";
import { type BodyBudget, readJsonBody } from "./read-body.ts";

/** One request and its response, as handlers see them. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Aborted when the client goes away before the response is whole. */
  readonly signal: AbortSignal;
  readonly #readBody: { readonly bytesMax: number; readonly budget: BodyBudget };

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    readBody: { readonly bytesMax: number; readonly budget: BodyBudget },
  ) {
    this.request = request;
    this.response = response;
    this.#readBody = readBody;
    const controller = new AbortController();
    this.signal = controller.signal;
    response.once("close", () => {
      if (!response.writableFinished) controller.abort();
    });
  }

  /** @throws ApiError 400, 413, 503; ClientGoneError. */
  async readJson(): Promise<Readonly<Record<string, unknown>>> {
    return await readJsonBody(this.request, this.#readBody);
  }

  header(name: string): string | undefined {
    const value = this.request.headers[name];
    return Array.isArray(value) ? value[0] : value;
  }

  sendJson(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): void {
    this.sendText(status, JSON.stringify(value), {
      "Content-Type": "application/json",
      ...headers,
    });
  }

  sendText(status: number, text: string, headers: Readonly<Record<string, string>> = {}): void {
    if (this.response.destroyed) return;
    const length = String(Buffer.byteLength(text));
    this.response.writeHead(status, { ...headers, "Content-Length": length });
    this.response.end(text);
  }
}
