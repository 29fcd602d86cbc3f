import { pathOf } from "../http1/path-of.ts";

/**
 * The path by which a server finds the route of a request. Servers decode escapes before they look, so that
 * `/v1/%63ompletions` is `/v1/completions` too.
 */
export function routePath(target: string): string {
  const path = pathOf(target);
  if (!path.includes("%")) return path;
  return path.replaceAll(/%[0-9A-Fa-f]{2}/g, (escape) =>
    String.fromCharCode(Number.parseInt(escape.slice(1), 16)),
  );
}
