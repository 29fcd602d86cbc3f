import { toApiError } from "../http/answer-error.ts";
import { EventStream } from "../http/event-stream.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Serving } from "../serving.ts";
import type { GenerationCall, TakenDelta } from "./generation-call.ts";

/** How an endpoint writes what a call brings. */
export interface ResponseFormat {
  /** The stream's chunks for a delta. */
  chunks(taken: TakenDelta): Iterable<unknown>;
  /** The chunk after the last choice has finished, when the client wants the usage. */
  usageChunk(): unknown;
  /** The response that is no stream. */
  whole(taken: readonly TakenDelta[]): unknown;
}

/** Answers a request from its call, as a stream or as one object, and ends the call. */
export async function respond(
  exchange: Exchange,
  serving: Serving,
  answer: { readonly call: GenerationCall; readonly format: ResponseFormat },
): Promise<void> {
  const { call, format } = answer;
  try {
    if (call.options.request.stream) await respondStream(exchange, serving, answer);
    else exchange.sendJson(200, format.whole(await call.whole()));
  } finally {
    call.close();
  }
}

async function respondStream(
  exchange: Exchange,
  serving: Serving,
  { call, format }: { readonly call: GenerationCall; readonly format: ResponseFormat },
): Promise<void> {
  const stream = new EventStream(exchange, { stallTimeoutMs: serving.limits.writeStallTimeoutMs });
  try {
    for await (const taken of call.deltas())
      for (const chunk of format.chunks(taken)) await stream.send(chunk);
    if (call.options.request.includeUsage) await stream.send(format.usageChunk());
    stream.end();
  } catch (error) {
    const apiError = toApiError(error, serving.logger);
    if (apiError !== null) stream.fail(apiError.body);
  }
}
