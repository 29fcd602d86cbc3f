/**
 * The routes that metrics tell apart, by path; all else is "other". A fixed list, because a client may write anything
 * into a path and each label is a time series.
 */
export const routes = [
  "/v1/completions",
  "/v1/chat/completions",
  "/inference/v1/generate",
  "/v1/embeddings",
  "/v1/messages",
  "/v1/responses",
  "/v1/models",
  "/tokenize",
  "/detokenize",
  "other",
] as const;

export type Route = (typeof routes)[number];

/** The route of a path without its query. */
export function routeOf(path: string): Route {
  return byPath.get(path) ?? "other";
}

const byPath: ReadonlyMap<string, Route> = new Map(routes.map((route) => [route, route]));
