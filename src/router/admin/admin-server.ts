import { chmod } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { PenstockError } from "../../errors/mod.ts";
import { errorBody } from "../../openai-api/mod.ts";
import { listen } from "../accept/listen.ts";
import type { RankRole } from "../ranks/rank-table.ts";
import type { RankAdmin } from "./rank-admin.ts";

const connectionsMax = 64;
const requestMsMax = 10_000;
/** Only its owner may connect. */
const socketMode = 0o600;

interface Reply {
  readonly status: number;
  readonly body: object;
}

interface Route {
  readonly method: "GET" | "POST";
  readonly answer: (ranks: RankAdmin, query: URLSearchParams) => Reply;
}

export interface AdminServer {
  close(): Promise<void>;
}

/**
 * Serves what an administrator asks of a router, on a Unix socket of its own, under vllm-router's names:
 *
 *     GET  /health
 *     GET  /list_workers
 *     POST /add_worker?url=http://host:port[&role=prefill|decode][&index=N]
 *     POST /drain_worker?url=                 no new requests
 *     POST /remove_worker?url=[&drain=false]  gone when its requests are over, or at once and they with it
 *
 * @throws PenstockError ROUTER_CANNOT_LISTEN_ON_SOCKET
 */
export async function startAdminServer(path: string, ranks: RankAdmin): Promise<AdminServer> {
  const server = createServer({ requestTimeout: requestMsMax }, (request, response) => {
    request.resume();
    write(response, answerTo(request, ranks));
  });
  server.maxConnections = connectionsMax;
  await listen(server, { uds: path });
  await chmod(path, socketMode);
  return { close: () => close(server) };
}

const routes: Readonly<Record<string, Route>> = {
  "/health": { method: "GET", answer: () => ({ status: 200, body: { status: "ok" } }) },
  "/list_workers": {
    method: "GET",
    answer: (ranks) => ({ status: 200, body: { workers: ranks.list() } }),
  },
  "/add_worker": { method: "POST", answer: addWorker },
  "/drain_worker": {
    method: "POST",
    answer: (ranks, query) => found(query, (url) => ranks.drain(url)),
  },
  "/remove_worker": {
    method: "POST",
    answer: (ranks, query) => {
      const drains = query.get("drain") ?? "true";
      if (drains !== "true" && drains !== "false") {
        return refusal(400, `the query says drain=${drains}, expected true or false`);
      }
      return found(query, (url) => ranks.remove(url, { isAtOnce: drains === "false" }));
    },
  },
};

function answerTo(request: IncomingMessage, ranks: RankAdmin): Reply {
  const { pathname, searchParams } = new URL(request.url ?? "", "http://router");
  const route = Object.hasOwn(routes, pathname) ? routes[pathname] : undefined;
  if (route === undefined) return refusal(404, `there is no route "${pathname}"`);
  if (route.method !== request.method) {
    return refusal(405, `"${pathname}" takes ${route.method}, not ${request.method}`);
  }
  return route.answer(ranks, searchParams);
}

function addWorker(ranks: RankAdmin, query: URLSearchParams): Reply {
  const url = query.get("url");
  const role = query.get("role") ?? undefined;
  const index = query.get("index") ?? undefined;
  if (url === null) return missingUrl;
  if (role !== undefined && !isRole(role)) {
    return refusal(400, `the role is "${role}", expected prefill, decode or both`);
  }
  if (index !== undefined && !/^\d{1,9}$/.test(index)) {
    return refusal(400, `the index is "${index}", expected a whole number`);
  }
  try {
    const rank = ranks.add({
      url,
      ...(role !== undefined && { role }),
      ...(index !== undefined && { index: Number(index) }),
    });
    if (rank === undefined) return refusal(409, `there is a rank at "${url}" already`);
    return { status: 200, body: { worker: rank } };
  } catch (error) {
    if (!(error instanceof PenstockError)) throw error;
    const status = error.code === "ROUTER_RANK_NOT_ADDED" ? 409 : 400;
    return { status, body: errorBody(status, error.message) };
  }
}

function isRole(role: string): role is RankRole {
  return role === "prefill" || role === "decode" || role === "both";
}

function found(query: URLSearchParams, change: (url: string) => object | undefined): Reply {
  const url = query.get("url");
  if (url === null) return missingUrl;
  const rank = change(url);
  if (rank === undefined) return refusal(404, `there is no rank at "${url}"`);
  return { status: 200, body: { worker: rank } };
}

function refusal(status: number, reason: string): Reply {
  return { status, body: errorBody(status, `Cannot do it: ${reason}`) };
}

const missingUrl = refusal(400, "the query has no url");

function write(response: ServerResponse, { status, body }: Reply): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
