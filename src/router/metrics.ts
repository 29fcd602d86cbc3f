import {
  type Counter,
  type Family,
  type Gauge,
  type Histogram,
  MetricsRegistry,
} from "../telemetry/mod.ts";
import type { HandOffOutcome } from "./handoff/hand-off-outcome.ts";
import type { RankTable } from "./ranks/rank-table.ts";

/** To hours: a rollout may generate that long. */
const secondsBuckets = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600,
  7_200, 14_400,
];

/** What the router counts about itself. Each is looked up here once, so that an update is one addition. */
export class RouterMetrics {
  readonly durationSeconds: Histogram;
  readonly firstByteSeconds: Histogram;
  readonly staleRetries: Counter;
  readonly connectRetries: Counter;
  readonly brokenRetries: Counter;
  readonly prefillRetries: Counter;
  readonly prefillSeconds: Histogram;
  /** Requests that wait for a place. */
  readonly queuedRequests: Gauge;
  /** Requests that wait for a rank, all being down. */
  readonly waitingRequests: Gauge;
  /** Sessions whose rank is remembered; among decode ranks where prefill is apart. */
  readonly sessions: Gauge;
  readonly clientAborts: Counter;
  readonly brokenResponses: Counter;
  readonly receivedBytes: Counter;
  readonly sentBytes: Counter;
  readonly #registry = new MetricsRegistry();
  readonly #handOffs: Family<Counter>;
  readonly #byClass: readonly Counter[];
  readonly #exposeRanks: () => void;

  constructor(table: RankTable) {
    this.#byClass = this.#makeRequests();
    this.durationSeconds = this.#histogram(
      "request_duration_seconds",
      "From a request's head to the end of its answer",
    );
    this.firstByteSeconds = this.#histogram(
      "first_byte_seconds",
      "From a request's head to the first byte of the body of a rank's answer",
    );
    const retries = this.#counter("retries", "Further attempts at a request, by reason");
    this.staleRetries = retries.labels({ reason: "stale_connection" });
    this.connectRetries = retries.labels({ reason: "connect_failed" });
    this.brokenRetries = retries.labels({ reason: "broke_off" });
    this.prefillRetries = retries.labels({ reason: "prefill_failed" });
    this.prefillSeconds = this.#histogram(
      "prefill_seconds",
      "From the choice of a prefill rank to the end of its answer",
    );
    this.queuedRequests = this.#gauge("requests_queued", "Requests that wait for a place").labels();
    this.waitingRequests = this.#gauge(
      "requests_waiting",
      "Requests that wait for a rank",
    ).labels();
    this.sessions = this.#gauge("sessions", "Sessions whose rank is remembered").labels();
    this.#handOffs = this.#counter(
      "handoffs",
      "Requests that take two ranks, by what became of it",
    );
    this.clientAborts = this.#counter(
      "client_aborts",
      "Requests given up because their client left, stalled or broke the protocol",
    ).labels();
    this.brokenResponses = this.#counter(
      "broken_responses",
      "Answers that a rank did not bring to their end",
    ).labels();
    this.receivedBytes = this.#counter("received_bytes", "Request bodies from clients").labels();
    this.sentBytes = this.#counter("sent_bytes", "Bodies of ranks' answers to clients").labels();
    this.#exposeRanks = this.#makeRankGauges(table);
  }

  /** Requests answered with this status. */
  ofStatus(status: number): Counter {
    return this.#byClass[Math.trunc(status / 100) - 1] ?? this.#byClass[4]!;
  }

  /** Requests for the hand-over of a prompt that came to this. */
  ofHandOff(outcome: HandOffOutcome): Counter {
    return this.#handOffs.labels({ outcome });
  }

  /** The exposition; load and health of ranks are read off the table at this moment. */
  expose(): string {
    this.#exposeRanks();
    return this.#registry.expose();
  }

  #makeRequests(): readonly Counter[] {
    const requests = this.#counter("requests", "Requests answered, by class of status");
    return ["1xx", "2xx", "3xx", "4xx", "5xx"].map((status) => requests.labels({ status }));
  }

  #makeRankGauges(table: RankTable): () => void {
    const inFlight = this.#gauge("requests_in_flight", "Requests between choice and last byte");
    const up = this.#gauge("rank_up", "1 for ranks that take requests");
    const gauges = table.addresses.map(({ index }, slot) => {
      const labels = { rank: String(index), role: table.roles[slot]! };
      return { inFlight: inFlight.labels(labels), up: up.labels(labels) };
    });
    return () => {
      for (const [slot, gauge] of gauges.entries()) {
        gauge.inFlight.set(table.inFlight[slot]!);
        gauge.up.set(table.living[slot]!);
      }
    };
  }

  #counter(name: string, help: string) {
    return this.#registry.counter({ name: `penstock_router_${name}`, help });
  }

  #gauge(name: string, help: string) {
    return this.#registry.gauge({ name: `penstock_router_${name}`, help });
  }

  #histogram(name: string, help: string): Histogram {
    const options = { name: `penstock_router_${name}`, help, buckets: secondsBuckets };
    return this.#registry.histogram(options).labels();
  }
}
