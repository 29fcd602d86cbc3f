import type { IncomingMessage, ServerResponse } from "node:http";
import { startRank, type TestRank } from "./test-rank.ts";

/** A request as a rank saw it. */
export interface SeenRequest {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
  /** The body, where it is JSON. */
  readonly json: Readonly<Record<string, unknown>>;
  readonly response: ServerResponse;
  /** Resolves when the rank's answer has ended or its client has left. */
  readonly closed: Promise<void>;
}

export interface GenerationRank extends TestRank {
  readonly seen: readonly SeenRequest[];
}

/** A rank that keeps each request and answers once it has the whole body. */
export async function startGenerationRank(
  answer: (request: SeenRequest) => void,
  port = 0,
): Promise<GenerationRank> {
  const seen: SeenRequest[] = [];
  const rank = await startRank((request, response) => {
    const closed = new Promise<void>((resolve) => response.on("close", () => resolve()));
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const text = Buffer.concat(parts).toString();
      const { url: path = "", headers } = request;
      const one = { path, headers, text, json: parseOrEmpty(text), response, closed };
      seen.push(one);
      answer(one);
    });
  }, port);
  return {
    ...rank,
    get connectionCount() {
      return rank.connectionCount;
    },
    seen,
    [Symbol.asyncDispose]: () => rank[Symbol.asyncDispose](),
  };
}

/** Parameters as a prefill rank gives them. */
export const someParams = '{"do_remote_prefill": true, "remote_block_ids": [[3,4]], "x": 1.0}';

/** A prefill rank that does its part. */
export function startPrefillRank(): Promise<GenerationRank> {
  return startGenerationRank(({ response }) => answerJson(response, prefillAnswer(someParams)));
}

/** What a prefill rank answers with these parameters. */
export function prefillAnswer(params: string): string {
  return `{"id":"p","choices":[{"text":"x"}],"kv_transfer_params": ${params},"usage":{}}`;
}

/** A decode rank that answers with what it is. */
export function startDecodeRank(name = "decoded"): Promise<GenerationRank> {
  return startGenerationRank(({ response }) => answerJson(response, JSON.stringify({ name })));
}

export function answerJson(response: ServerResponse, body: string, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" }).end(body);
}

function parseOrEmpty(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {}; // The test looks at the text.
  }
}
