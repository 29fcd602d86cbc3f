import type { Server } from "node:http";
import { ApiError } from "../openai-api/mod.ts";
import { closeServer, settledWithin } from "./http/close-server.ts";
import { listen } from "./http/listen.ts";
import { makeServer } from "./http/make-server.ts";
import { defaultLimits } from "./limits.ts";
import { loadServing } from "./load-serving.ts";
import type { EngineServer, EngineServerOptions } from "./options.ts";
import { requestListener } from "./request-listener.ts";
import { ServerState } from "./server-state.ts";
import type { Serving } from "./serving.ts";

/** After the drain limit: time for the last error events to leave. */
const farewellMs = 200;

/**
 * Starts the engine behind its HTTP API. The port is bound first, so that a mistake there shows at once and
 * `/health` answers 503 while the model loads; the promise resolves when requests can be answered.
 *
 * @throws PenstockError PORT_IN_USE, SERVER_CANNOT_LISTEN, SERVER_STOPPED, and all that loading a model can bring.
 */
export async function startEngineServer(options: EngineServerOptions): Promise<EngineServer> {
  const limits = { ...defaultLimits, ...options.limits };
  const { host, port, rank, logger } = options;
  const state = new ServerState();
  const server = makeServer(limits, requestListener(state, { limits, logger }));
  const url = await listen(server, { host, port, purpose: `rank ${rank}` });
  logger.info("Listening", { event: "listening", url });
  let serving: Serving;
  try {
    serving = await loadServing(options, limits);
  } catch (error) {
    await closeServer(server);
    throw error;
  }
  state.open(serving);
  logger.info("Ready", { event: "ready", url });
  let closing: Promise<void> | null = null;
  return {
    url,
    died: serving.engine.died,
    close: () => (closing ??= close(server, state, serving)),
  };
}

async function close(server: Server, state: ServerState, serving: Serving): Promise<void> {
  const { drainTimeoutMs } = serving.limits;
  state.beginClosing();
  const closed = closeServer(server, drainTimeoutMs + farewellMs);
  await settledWithin(closed, drainTimeoutMs);
  for (const call of serving.calls) call.fail(new ApiError(503, "The server is stopping"));
  await closed;
  await serving.engine.close();
}
