import { pathOf } from "../http1/path-of.ts";
import type { RequestHead } from "../http1/request-head.ts";

const readingMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** Paths whose POST has no effect but its answer. */
const computingPaths: ReadonlySet<string> = new Set([
  "/v1/completions",
  "/v1/chat/completions",
  "/v1/embeddings",
  "/v1/messages",
  "/inference/v1/generate",
  "/tokenize",
  "/detokenize",
]);

/**
 * Whether a request may be sent again where a rank may have carried it out already. Weight updates, adapters to
 * load and whatever else is unknown are left to the client, who knows whether twice is once.
 */
export function isSafeToRepeat({ method, target }: RequestHead): boolean {
  if (readingMethods.has(method)) return true;
  return method === "POST" && computingPaths.has(pathOf(target));
}
