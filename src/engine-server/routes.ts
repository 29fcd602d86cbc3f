import { handleAbortRequests } from "./handlers/abort-requests.ts";
import { handleChatCompletions, handleChatCompletionsTokens } from "./handlers/chat-completions.ts";
import { handleCompletions } from "./handlers/completions.ts";
import { handleDerenderChat, handleDerenderCompletions } from "./handlers/derender.ts";
import { handleDetokenize } from "./handlers/detokenize.ts";
import { handleGenerate } from "./handlers/generate.ts";
import { handleLoad, handleMetrics, handleVersion } from "./handlers/introspection.ts";
import { handleLiveness } from "./handlers/liveness.ts";
import { handleModels } from "./handlers/models.ts";
import { handleRenderChat, handleRenderCompletions } from "./handlers/render.ts";
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

type ServedHandler = (exchange: Exchange, serving: Serving) => void | Promise<void>;

export const routes: readonly Route<Handler>[] = [
  { methods: ["GET"], path: "/health", handle: handleHealth },
  { methods: ["GET", "POST"], path: "/ping", handle: handleHealth },
  { methods: ["GET"], path: "/liveness", handle: handleLiveness },
  { methods: ["GET"], path: "/version", handle: handleVersion },
  get("/load", handleLoad),
  get("/metrics", handleMetrics),
  get("/v1/models", handleModels),
  post("/v1/completions", handleCompletions),
  post("/v1/chat/completions", handleChatCompletions),
  post("/v1/chat/completions/tokens", handleChatCompletionsTokens),
  post("/v1/completions/render", handleRenderCompletions),
  post("/v1/chat/completions/render", handleRenderChat),
  post("/v1/completions/derender", handleDerenderCompletions),
  post("/v1/chat/completions/derender", handleDerenderChat),
  post("/inference/v1/generate", handleGenerate),
  post("/inference/v1/abort_requests", handleAbortRequests),
  post("/tokenize", handleTokenize),
  post("/detokenize", handleDetokenize),
];

/** 200 or 503, both without a body, as vLLM answers. */
function handleHealth(exchange: Exchange, source: ServingSource): void {
  exchange.sendText(source.isHealthy ? 200 : 503, "");
}

function get(path: string, handle: ServedHandler): Route<Handler> {
  return { methods: ["GET"], path, handle: served(handle) };
}

function post(path: string, handle: ServedHandler): Route<Handler> {
  return { methods: ["POST"], path, handle: served(handle) };
}

function served(handle: ServedHandler): Handler {
  return (exchange, source) => handle(exchange, source.serving());
}
