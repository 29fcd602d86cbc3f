import { metricsContentType } from "../telemetry/mod.ts";
import type { Answer } from "./accept/answer.ts";
import type {
  ClientConnection,
  ClientConnectionHost,
  RequestSink,
} from "./accept/client-connection.ts";
import type { Deadlines } from "./deadlines.ts";
import type { RequestHead } from "./http1/request-head.ts";
import type { RouterLimits } from "./limits.ts";
import { Exchange, type ExchangeContext } from "./relay/exchange.ts";

/** Where each request goes once its head is read: to an endpoint of the router's own, to a rank, or away. */
export class RequestDesk implements ClientConnectionHost {
  readonly limits: RouterLimits;
  readonly deadlines: Deadlines;
  /** Set when the router shuts down: it is no longer ready and takes no new requests. */
  isDraining = false;
  readonly #context: ExchangeContext;

  constructor(context: ExchangeContext) {
    this.#context = context;
    this.limits = context.limits;
    this.deadlines = context.deadlines;
  }

  handle(head: RequestHead, client: ClientConnection): RequestSink | undefined {
    const own = this.#ownAnswer(head);
    if (own !== undefined) {
      client.answer(own);
      return undefined;
    }
    const whyNot = this.#whyNotNow();
    if (whyNot !== undefined) {
      this.onRefused(503);
      client.refuse(503, `Cannot serve the request: ${whyNot}`, ["retry-after: 1"]);
      return undefined;
    }
    const exchange = new Exchange(this.#context, client, head);
    return exchange.start() ? exchange : undefined;
  }

  onRefused(status: number): void {
    this.#context.metrics.ofStatus(status).add();
  }

  #ownAnswer({ method, target }: RequestHead): Answer | undefined {
    if (method !== "GET" && method !== "HEAD") return undefined;
    const queryStart = target.indexOf("?");
    const path = queryStart === -1 ? target : target.slice(0, queryStart);
    if (path === "/health") return this.#health();
    if (path !== "/metrics") return undefined;
    const body = this.#context.metrics.expose();
    return { status: 200, contentType: metricsContentType, body };
  }

  /** vLLM's /health has an empty body when all is well; here the reason stands in it when it is not. */
  #health(): Answer {
    const { table } = this.#context;
    if (!this.isDraining && table.livingCount > 0) {
      return { status: 200, contentType: "text/plain", body: "" };
    }
    const reason = this.isDraining ? "the router is shutting down" : table.whyNoneLives();
    const body = JSON.stringify({ status: "unavailable", reason });
    return { status: 503, contentType: "application/json", body, headers: ["retry-after: 1"] };
  }

  #whyNotNow(): string | undefined {
    if (this.isDraining) return "the router is shutting down";
    const { requestsInFlightMax } = this.limits;
    const isFull = this.#context.table.inFlightCount >= requestsInFlightMax;
    return isFull ? `all ${requestsInFlightMax} places are taken` : undefined;
  }
}
