import type { Clock } from "../net/clock.ts";
import type { AccessLog } from "./access-log.ts";
import type { AccessRecord } from "./access-record.ts";
import type { RefusalReason } from "./outcomes.ts";
import { RequestTrace, type TracedRequest } from "./request-trace.ts";
import { countStatus, type RouterMetrics } from "./router-metrics.ts";
import { routeOf } from "./routes.ts";

export interface ObserverOptions {
  readonly clock: Clock;
  readonly metrics: RouterMetrics;
  readonly accessLog?: AccessLog | undefined;
}

/** Sees all requests of one thread: counts them, and tells the access log where there is one. */
export class Observer {
  readonly clock: Clock;
  readonly metrics: RouterMetrics;
  readonly #accessLog: AccessLog | undefined;

  constructor({ clock, metrics, accessLog }: ObserverOptions) {
    this.clock = clock;
    this.metrics = metrics;
    this.#accessLog = accessLog;
  }

  /** A request's head is there, and it is none that the router answers itself. */
  begin(request: TracedRequest): RequestTrace {
    return new RequestTrace(this, this.metrics.ofRoute(routeOf(request.path)), request);
  }

  /**
   * A connection or a request was refused of which there is no trace; `request` says what is known of it. Without it
   * the access log is told by somebody else.
   */
  refuse(status: number, reason: RefusalReason, request?: Partial<TracedRequest>): void {
    this.metrics.refusals[reason].add();
    countStatus(this.metrics.ofRoute(routeOf(request?.path ?? "")), status);
    if (this.#accessLog === undefined || request === undefined) return;
    const nowMs = this.clock.nowMs();
    this.note({
      ...refused,
      ...request,
      status,
      refusalReason: reason,
      beganAtMs: nowMs,
      endedAtMs: nowMs,
    });
  }

  note(record: AccessRecord): void {
    this.#accessLog?.note(record);
  }
}

const refused: AccessRecord = {
  requestId: undefined,
  clientAddress: undefined,
  method: undefined,
  path: undefined,
  sessionKey: undefined,
  status: -1,
  outcome: "refused",
  refusalReason: undefined,
  rank: -1,
  prefillRank: -1,
  tries: 0,
  receivedByteCount: 0,
  sentByteCount: 0,
  beganAtMs: 0,
  endedAtMs: 0,
  queuedMs: -1,
  firstByteMs: -1,
  promptTokens: -1,
  completionTokens: -1,
  cachedTokens: -1,
};
