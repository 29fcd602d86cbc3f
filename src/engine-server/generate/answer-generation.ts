import type { GenerationRequest } from "../../openai-api/mod.ts";
import { EventStream } from "../http/event-stream.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Serving } from "../serving.ts";
import { dataParallelRankFault } from "./data-parallel-rank.ts";
import { GenerationCall } from "./generation-call.ts";
import type { PreparedPrompt } from "./prepare-prompt.ts";
import { respond, type ResponseFormat } from "./respond.ts";
import { responseId } from "./response-id.ts";

export interface Generation {
  readonly request: GenerationRequest;
  readonly prompts: readonly PreparedPrompt[];
  readonly idPrefix: Parameters<typeof responseId>[0];
  readonly makeFormat: (call: GenerationCall) => ResponseFormat;
}

/** Lets the engine compute what the handler has prepared, and answers with what comes. */
export async function answerGeneration(
  exchange: Exchange,
  serving: Serving,
  { request, prompts, idPrefix, makeFormat }: Generation,
): Promise<void> {
  const fault = dataParallelRankFault(exchange.header("x-data-parallel-rank"));
  if (fault !== null) {
    if (!request.stream) throw fault;
    // vLLM finds it when the answer has begun.
    const { writeStallTimeoutMs: stallTimeoutMs } = serving.limits;
    new EventStream(exchange, { stallTimeoutMs }).fail(fault.body);
    return;
  }
  const call = GenerationCall.start(serving, {
    request,
    prompts,
    responseId: responseId(idPrefix, exchange, request.requestId),
    signal: exchange.signal,
  });
  await respond(exchange, serving, { call, format: makeFormat(call) });
}
