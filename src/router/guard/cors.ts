import type { Answer } from "../accept/answer.ts";
import type { RequestHead } from "../http1/request-head.ts";

const methods = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT";
/** What pages may read of an answer beside its body. */
const exposed = "retry-after, x-penstock-prefill-rank, x-penstock-rank, x-request-id";
/** How long a browser may remember the answer to a preflight. */
const maxAgeSeconds = 600;
/** Field names with commas between, as a browser asks for them. */
const nameList = /^[\w!#$%&'*+.^`|~-]+(?:[ \t]*,[ \t]*[\w!#$%&'*+.^`|~-]+){0,127}$/;

/** Lets pages of some origins use the router (CORS, the Fetch standard), and browsers ask before they do. */
export class Cors {
  readonly #origins: ReadonlySet<string>;
  readonly #takesAny: boolean;

  /** "*" among the origins stands for any. */
  constructor(allowedOrigins: readonly string[]) {
    this.#origins = new Set(allowedOrigins);
    this.#takesAny = this.#origins.has("*");
  }

  /** Field lines, each with its end, for any answer to this request. */
  fieldsFor({ headers }: RequestHead): string {
    const origin = headers.get("origin");
    const vary = this.#takesAny ? "" : "vary: origin\r\n";
    if (origin === undefined || !this.#allows(origin)) return vary;
    const allowed = this.#takesAny ? "*" : origin;
    return `access-control-allow-origin: ${allowed}\r\naccess-control-expose-headers: ${exposed}\r\n${vary}`;
  }

  /** The answer to a preflight, which no rank gets to see; undefined for all other requests. */
  preflight({ method, headers, bodyLength }: RequestHead): Answer | undefined {
    const origin = headers.get("origin");
    const asks = headers.get("access-control-request-method") !== undefined;
    if (method !== "OPTIONS" || bodyLength !== 0 || origin === undefined || !asks) return undefined;
    const contentType = "text/plain";
    if (!this.#allows(origin)) return { status: 400, contentType, body: "Disallowed CORS origin" };
    const fields = [
      `access-control-allow-methods: ${methods}`,
      `access-control-max-age: ${maxAgeSeconds}`,
    ];
    const names = headers.get("access-control-request-headers") ?? "";
    if (nameList.test(names)) fields.push(`access-control-allow-headers: ${names}`);
    return { status: 200, contentType, body: "OK", headers: fields };
  }

  #allows(origin: string): boolean {
    return this.#takesAny || this.#origins.has(origin);
  }
}
