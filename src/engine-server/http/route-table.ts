import { ApiError } from "../../openai-api/mod.ts";

export interface Route<Handler> {
  readonly methods: readonly ("GET" | "POST")[];
  readonly path: string;
  readonly handle: Handler;
}

/** Finds the handler of a request; paths are matched whole. */
export class RouteTable<Handler> {
  readonly #routes = new Map<string, Route<Handler>>();

  constructor(routes: readonly Route<Handler>[]) {
    for (const route of routes) this.#routes.set(route.path, route);
  }

  /** @throws ApiError 404, or 405 with the methods that the path has. */
  find(method: string, target: string): Handler {
    const route = this.#routes.get(pathOf(target));
    if (route === undefined) throw new ApiError(404, "Not Found", { type: "Not Found" });
    if (route.methods.some((allowed) => allowed === method)) return route.handle;
    const headers = { Allow: route.methods.join(", ") };
    throw new ApiError(405, "Method Not Allowed", { headers });
  }
}

function pathOf(target: string): string {
  const queryIndex = target.indexOf("?");
  return queryIndex < 0 ? target : target.slice(0, queryIndex);
}
