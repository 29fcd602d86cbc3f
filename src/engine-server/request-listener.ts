import type { RequestListener } from "node:http";
import type { Logger } from "../telemetry/mod.ts";
import { toApiError } from "./http/answer-error.ts";
import { Exchange } from "./http/exchange.ts";
import { BodyBudget } from "./http/read-body.ts";
import { RouteTable } from "./http/route-table.ts";
import type { ServerLimits } from "./limits.ts";
import { routes, type ServingSource } from "./routes.ts";

/** Hands each request to its route and answers what the route throws. */
export function requestListener(
  source: ServingSource,
  options: { readonly limits: ServerLimits; readonly logger: Logger },
): RequestListener {
  const { limits, logger } = options;
  const table = new RouteTable(routes);
  const readBody = {
    bytesMax: limits.bodyBytesMax,
    budget: new BodyBudget(limits.bodyBytesTotalMax),
  };
  return (request, response) => {
    response.once("finish", () => {
      if (source.isClosing) request.socket.destroySoon();
    });
    void serve(new Exchange(request, response, readBody));
  };

  async function serve(exchange: Exchange): Promise<void> {
    const { method, url } = exchange.request;
    try {
      await table.find(method ?? "GET", url ?? "/")(exchange, source);
    } catch (error) {
      answerError(exchange, error, logger);
    }
  }
}

function answerError(exchange: Exchange, error: unknown, logger: Logger): void {
  const apiError = toApiError(error, logger);
  if (apiError === null || exchange.response.headersSent) {
    exchange.response.destroy();
    return;
  }
  // The rest of the body is read and dropped, so that the client gets to read the answer.
  exchange.request.resume();
  exchange.sendJson(apiError.status, apiError.body, apiError.headers);
}
