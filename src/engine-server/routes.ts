import { handleAbortRequests } from "./handlers/abort-requests.ts";
import { handleChatCompletions, handleChatCompletionsTokens } from "./handlers/chat-completions.ts";
import { handleCompletions } from "./handlers/completions.ts";
import { handleDetokenize } from "./handlers/detokenize.ts";
import { handleGenerate } from "./handlers/generate.ts";
import { handleLoad, handleMetrics, handleVersion } from "./handlers/introspection.ts";
import { handleModels } from "./handlers/models.ts";
import { handleTokenize } from "./handlers/tokenize.ts";
import type { Exchange } from "./http/exchange.ts";
import type { Route } from "./http/route-table.ts";
import type { Serving } from "./serving.ts";

/** Where handlers find the server they work for. */
export interface ServingSource {
  /** Loaded, and its engine alive. */
  readonly isHealthy: boolean;
  /** No request is taken any more; connections end with the response they are busy with. */
  readonly isClosing: boolean;
  /** @throws ApiError 503 while the model is loading or the server is closing. */
  serving(): Serving;
}

export type Handler = (exchange: Exchange, source: ServingSource) => void | Promise<void>;

export const routes: readonly Route<Handler>[] = [
  { methods: ["GET"], path: "/health", handle: handleHealth },
  { methods: ["GET", "POST"], path: "/ping", handle: handleHealth },
  { methods: ["GET"], path: "/version", handle: handleVersion },
  { methods: ["GET"], path: "/load", handle: served(handleLoad) },
  { methods: ["GET"], path: "/metrics", handle: served(handleMetrics) },
  { methods: ["GET"], path: "/v1/models", handle: served(handleModels) },
  { methods: ["POST"], path: "/v1/completions", handle: served(handleCompletions) },
  { methods: ["POST"], path: "/v1/chat/completions", handle: served(handleChatCompletions) },
  {
    methods: ["POST"],
    path: "/v1/chat/completions/tokens",
    handle: served(handleChatCompletionsTokens),
  },
  { methods: ["POST"], path: "/inference/v1/generate", handle: served(handleGenerate) },
  { methods: ["POST"], path: "/inference/v1/abort_requests", handle: served(handleAbortRequests) },
  { methods: ["POST"], path: "/tokenize", handle: served(handleTokenize) },
  { methods: ["POST"], path: "/detokenize", handle: served(handleDetokenize) },
];

/** 200 or 503, both without a body, as vLLM answers. */
function handleHealth(exchange: Exchange, source: ServingSource): void {
  exchange.sendText(source.isHealthy ? 200 : 503, "");
}

function served(handle: (exchange: Exchange, serving: Serving) => void | Promise<void>): Handler {
  return (exchange, source) => handle(exchange, source.serving());
}
