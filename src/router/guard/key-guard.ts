import type { Logger } from "../../telemetry/mod.ts";
import type { Answer } from "../accept/answer.ts";
import type { RequestHead } from "../http1/request-head.ts";
import { ApiKeys, keyOf } from "./api-keys.ts";
import { FileWatch } from "./file-watch.ts";
import { apiKeysOf, readApiKeys } from "./read-api-keys.ts";

/** A file of keys, one a line, or one key and the name of what it was read from. */
export type ApiKeySource =
  | { readonly file: string }
  | { readonly key: string; readonly from: string };

/** vLLM's answer to a request without a key; RFC 9110 section 15.5.2 wants the scheme named. */
export const unauthorized: Answer = Object.freeze({
  status: 401,
  contentType: "application/json",
  body: '{"error":"Unauthorized"}',
  headers: Object.freeze(["www-authenticate: Bearer"]),
});

/** Lets requests with a key pass. A file of keys is read again when it changes. */
export class KeyGuard {
  #keys: ApiKeys;
  #watch: FileWatch | undefined;

  private constructor(keys: ApiKeys) {
    this.#keys = keys;
  }

  /** @throws PenstockError ROUTER_API_KEYS_UNUSABLE */
  static async open(
    source: ApiKeySource,
    { intervalMs, logger }: { readonly intervalMs: number; readonly logger: Logger },
  ): Promise<KeyGuard> {
    if ("key" in source) return new KeyGuard(apiKeysOf(source.key, source.from));
    const { file } = source;
    const guard = new KeyGuard(new ApiKeys([]));
    guard.#watch = await FileWatch.start([file], {
      intervalMs,
      load: async () => void (guard.#keys = await readApiKeys(file)),
      onReloaded: () => logger.info("Read the API keys again", { file, count: guard.#keys.count }),
      onFault: ({ message }) =>
        logger.error("Cannot read the API keys again: those read before stay valid", {
          reason: message,
        }),
    });
    return guard;
  }

  /**
   * Whether the request may pass. As in vLLM a preflight may: browsers send it without a key.
   * @throws Refusal for a request with two keys
   */
  admits(head: RequestHead): boolean {
    if (head.method === "OPTIONS" && head.bodyLength === 0) return true;
    const key = keyOf(head);
    return key !== undefined && this.#keys.has(key);
  }

  close(): void {
    this.#watch?.close();
  }
}
