import type { ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { startRank } from "./test-rank.ts";
import { eventually } from "./within.ts";

export interface Work {
  readonly body: string;
  readonly response: ServerResponse;
  /** Set when the rank felt its client leave before the answer was written. */
  hasClosed: boolean;
}

/** A rank whose answers a test writes, and what was asked of it. */
export async function startWorker() {
  const works: Work[] = [];
  const rank = await startRank((request, response) => {
    const begin = (body: string) => {
      const work: Work = { body, response, hasClosed: false };
      response.on("close", () => (work.hasClosed = !response.writableFinished));
      works.push(work);
    };
    void text(request).then(begin, ignore);
  });
  const work = async (index: number): Promise<Work> => {
    await eventually(`request ${index} is at the rank`, () => works.length > index);
    return works[index]!;
  };
  return { works, work, url: rank.url, [Symbol.asyncDispose]: () => rank.kill() };
}

export function ignore(): void {} // A request that is cut within its body has no text.

export const prompt = '{"prompt":"a"}';

/** A completion as raw bytes, with an Idempotency-Key and perhaps further field lines. */
export function requestText(key: string, body = prompt, more = ""): string {
  return `POST /v1/completions HTTP/1.1\r\nhost: x\r\nidempotency-key: ${key}\r\n${more}content-length: ${body.length}\r\n\r\n${body}`;
}

/** The same with fetch(). */
export function post(
  url: string,
  key: string,
  {
    body = prompt,
    headers = {},
  }: { readonly body?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<Response> {
  return fetch(`${url}/v1/completions`, {
    method: "POST",
    body,
    headers: { "idempotency-key": key, "content-type": "application/json", ...headers },
  });
}
