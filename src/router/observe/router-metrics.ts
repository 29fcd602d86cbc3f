import {
  type Counter,
  type Family,
  type Gauge,
  type Histogram,
  type MergeRule,
  mergeSnapshots,
  MetricsRegistry,
  type MetricsSnapshot,
  writeExposition,
} from "../../telemetry/mod.ts";
import type { HandOffOutcome } from "../handoff/hand-off-outcome.ts";
import {
  type RefusalReason,
  refusalReasons,
  type RequestPhase,
  requestPhases,
  type RetryReason,
  retryReasons,
} from "./outcomes.ts";
import { addProcessMetrics } from "./process-metrics.ts";
import type { RankFigures } from "./rank-figures.ts";
import { addRankMetrics, RankCounts } from "./rank-metrics.ts";
import type { Route } from "./routes.ts";

/** To hours: a rollout may generate that long. */
const secondsBuckets = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600,
  7_200, 14_400,
];

/** From what a fast rank sends tokens at to a rank that computes long prompts meanwhile. */
const gapBuckets = [
  0.001, 0.0025, 0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 10, 60,
];

const lagBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];

/** Numbers that are kept elsewhere and read at each exposition. */
export interface MetricsSources {
  /** Load and health of all ranks. */
  readonly ranks: () => readonly RankFigures[];
  /** Client connections that are open. */
  readonly connectionCount: () => number;
  readonly accessLogDrops?: Counter | undefined;
  readonly sessionStoreDrops?: (() => number) | undefined;
}

/** What is counted of one route. */
export interface RouteMetrics {
  /** By class of status, 1xx first. */
  readonly byClass: readonly Counter[];
  readonly durationSeconds: Histogram;
  readonly firstByteSeconds: Histogram;
}

/**
 * What one thread of the router counts. Each number is looked up here once, so that an update is one addition; labels
 * come from fixed lists and from the ranks' indexes, never from what a client sends.
 */
export class RouterMetrics {
  readonly gapSeconds: Histogram;
  readonly queueSeconds: Histogram;
  readonly prefillSeconds: Histogram;
  readonly loopLagSeconds: Histogram;
  /** Requests that wait for a place in the router. */
  readonly queuedRequests: Gauge;
  /** Requests that wait for a rank, all being down. */
  readonly waitingRequests: Gauge;
  /** Sessions whose rank is remembered; among decode ranks where prefill is apart. */
  readonly sessions: Gauge;
  readonly refusedRetries: Counter;
  readonly brokenResponses: Counter;
  readonly receivedBytes: Counter;
  readonly sentBytes: Counter;
  readonly promptTokens: Counter;
  readonly completionTokens: Counter;
  readonly cachedTokens: Counter;
  readonly answersWithUsage: Counter;
  readonly idempotentJoins: Counter;
  readonly retries: Readonly<Record<RetryReason, Counter>>;
  readonly refusals: Readonly<Record<RefusalReason, Counter>>;
  readonly clientAborts: Readonly<Record<RequestPhase, Counter>>;
  readonly rankCounts = new RankCounts();
  readonly #registry = new MetricsRegistry();
  readonly #requests: Family<Counter>;
  readonly #durations: Family<Histogram>;
  readonly #firstBytes: Family<Histogram>;
  readonly #handOffs: Family<Counter>;
  readonly #byRoute = new Map<Route, RouteMetrics>();

  constructor(sources: MetricsSources) {
    this.#requests = this.#counter("requests", "Requests answered, by route and class of status");
    this.#durations = this.#histogram(
      "request_duration_seconds",
      "From a request's head to the end of its answer",
    );
    this.#firstBytes = this.#histogram(
      "first_byte_seconds",
      "From a request's head to the first byte of the body of a rank's answer, of a stream to its first data",
    );
    this.gapSeconds = this.#histogram(
      "chunk_gap_seconds",
      "Between two reads of an event stream from its rank",
      gapBuckets,
    ).labels();
    this.queueSeconds = this.#histogram(
      "queue_wait_seconds",
      "How long requests waited for a place in the router",
    ).labels();
    this.prefillSeconds = this.#histogram(
      "prefill_seconds",
      "From the choice of a prefill rank to the end of its answer",
    ).labels();
    this.loopLagSeconds = this.#histogram(
      "event_loop_lag_seconds",
      "By how much a timer of ten times a second was late",
      lagBuckets,
    ).labels();
    this.queuedRequests = this.#gauge("requests_queued", "Requests that wait for a place");
    this.waitingRequests = this.#gauge("requests_waiting", "Requests that wait for a rank");
    this.sessions = this.#gauge("sessions", "Sessions whose rank is remembered", "first");
    const retries = this.#counter("retries", "Further attempts at a request, by reason");
    this.retries = childrenOf(retries, "reason", retryReasons);
    const refusals = this.#counter("refusals", "Requests and connections refused, by reason");
    this.refusals = childrenOf(refusals, "reason", refusalReasons);
    const aborts = this.#counter(
      "client_aborts",
      "Requests given up because their client left, stalled or broke the protocol, by where they stood",
    );
    this.clientAborts = childrenOf(aborts, "phase", requestPhases);
    this.refusedRetries = this.#count("retries_refused", "Retries that the budget did not allow");
    this.brokenResponses = this.#count(
      "broken_responses",
      "Answers that a rank did not bring to their end",
    );
    this.receivedBytes = this.#count("received_bytes", "Request bodies from clients");
    this.sentBytes = this.#count("sent_bytes", "Bodies of ranks' answers to clients");
    this.answersWithUsage = this.#count("answers_with_usage", "Answers that said their tokens");
    this.promptTokens = this.#count("prompt_tokens", "Prompt tokens as answers say");
    this.completionTokens = this.#count("completion_tokens", "Generated tokens as answers say");
    this.cachedTokens = this.#count("cached_tokens", "Prompt tokens from caches as answers say");
    this.idempotentJoins = this.#count(
      "idempotent_joins",
      "Requests that joined a running one with the same Idempotency-Key",
    );
    this.#handOffs = this.#counter(
      "handoffs",
      "Requests that take two ranks, by what became of it",
    );
    this.#addSources(sources);
    addProcessMetrics(this.#registry);
  }

  /** Made when the route is first asked for. */
  ofRoute(route: Route): RouteMetrics {
    const known = this.#byRoute.get(route);
    if (known !== undefined) return known;
    const made: RouteMetrics = {
      byClass: statusClasses.map((status) => this.#requests.labels({ route, status })),
      durationSeconds: this.#durations.labels({ route }),
      firstByteSeconds: this.#firstBytes.labels({ route }),
    };
    this.#byRoute.set(route, made);
    return made;
  }

  /** Requests for the hand-over of a prompt that came to this. */
  ofHandOff(outcome: HandOffOutcome): Counter {
    return this.#handOffs.labels({ outcome });
  }

  /** This thread's numbers, to be sent to the thread that is asked for them. */
  snapshot(): MetricsSnapshot {
    return this.#registry.snapshot();
  }

  /** The exposition of this thread together with others. */
  expose(others: readonly MetricsSnapshot[] = []): string {
    return writeExposition(mergeSnapshots([this.snapshot(), ...others]));
  }

  #addSources(sources: MetricsSources): void {
    const { ranks, connectionCount, accessLogDrops, sessionStoreDrops } = sources;
    addRankMetrics(this.#registry, ranks, this.rankCounts);
    this.#registry.collected(
      {
        name: "penstock_router_connections",
        help: "Client connections that are open",
        type: "gauge",
      },
      () => [["", connectionCount()]],
    );
    this.#registry.collected(
      {
        name: "penstock_router_session_store_drops",
        help: "Changes of sessions that are not on disk",
        type: "counter",
      },
      () => [["", sessionStoreDrops?.() ?? 0]],
    );
    this.#registry.collected(
      {
        name: "penstock_router_access_log_drops",
        help: "Lines that are not in the access log",
        type: "counter",
      },
      () => [["", accessLogDrops?.value ?? 0]],
    );
  }

  #counter(name: string, help: string): Family<Counter> {
    return this.#registry.counter({ name: `penstock_router_${name}`, help });
  }

  #count(name: string, help: string): Counter {
    return this.#counter(name, help).labels();
  }

  #gauge(name: string, help: string, merge: MergeRule = "sum"): Gauge {
    return this.#registry.gauge({ name: `penstock_router_${name}`, help, merge }).labels();
  }

  #histogram(name: string, help: string, buckets = secondsBuckets): Family<Histogram> {
    return this.#registry.histogram({ name: `penstock_router_${name}`, help, buckets });
  }
}

const statusClasses = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/** Counts an answer with this status; what is none of HTTP's counts as an error. */
export function countStatus({ byClass }: RouteMetrics, status: number): void {
  (byClass[Math.trunc(status / 100) - 1] ?? byClass[4]!).add();
}

function childrenOf<Name extends string>(
  family: Family<Counter>,
  label: string,
  names: readonly Name[],
): Readonly<Record<Name, Counter>> {
  const entries = names.map((name) => [name, family.labels({ [label]: name })]);
  return Object.fromEntries(entries) as Record<Name, Counter>;
}
