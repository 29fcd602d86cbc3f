import { createServer, type RequestListener, type Server } from "node:http";
import type { ServerLimits } from "../limits.ts";

/** How often Node looks for connections that are past their time limits. */
const connectionsCheckMs = 1_000;

/** An HTTP server with every limit set; it does not listen yet. */
export function makeServer(limits: ServerLimits, listener: RequestListener): Server {
  const server = createServer(
    {
      maxHeaderSize: limits.headerBytesMax,
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      connectionsCheckingInterval: connectionsCheckMs,
    },
    listener,
  );
  server.maxConnections = limits.connectionsMax;
  return server;
}
