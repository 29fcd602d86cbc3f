import type { RankRole } from "../../src/router/ranks/rank-table.ts";
import { EventQueue } from "./event-queue.ts";
import type { RequestPlan } from "./request-plan.ts";
import { flushHeads } from "./virtual-stream.ts";

/** What became of a request, as its client saw it. */
export type Outcome =
  /** All bytes of its answer. */
  | "whole"
  /** A whole error answer of the router's or a rank's own. */
  | "error"
  /** A stream that ended with the router's error event. */
  | "broken stream"
  /** The connection ended amid the answer, so that nobody takes it for whole. */
  | "cut"
  /** The connection ended before the answer began. */
  | "closed"
  /** Its client left. */
  | "vanished";

/** One stay of a request at a rank. */
export interface Execution {
  readonly rank: number;
  readonly beganAtMs: number;
  readonly leg: "whole" | "prefill" | "decode";
  state: "running" | "done" | "failed" | "cancelled";
  endedAtMs: number;
  /** Number of the stay at a prefill rank that left something for this one, or -1. */
  handOver: number;
}

/** The router sent a request to a rank. */
export interface SentAttempt {
  readonly rank: number;
  readonly role: RankRole;
  readonly atMs: number;
  /** The connection had carried another request before. */
  readonly isReused: boolean;
}

/** All that is known of one request, from both ends. */
export class RequestRecord {
  readonly plan: RequestPlan;
  sentAtMs = -1;
  endedAtMs = -1;
  outcome: Outcome | undefined;
  status = 0;
  /** The client did not do its part in time. */
  isDawdling = false;
  /** What its ranks did to it. */
  readonly faults: string[] = [];
  readonly executions: Execution[] = [];
  /** In order. */
  readonly attempts: SentAttempt[] = [];
  /** How often its client left and sent it again. */
  returnCount = 0;
  /** Attempts when it was last sent. */
  earlierAttemptCount = 0;
  /** Others were sent on the connection that it was lost with. */
  wasLostWithOthers = false;
  /** Whether a byte of a body has come to the router or the client has seen an answer's head. */
  hasAnswerBegun = false;

  constructor(plan: RequestPlan) {
    this.plan = plan;
  }

  /** Whether the router has looked at it since it was last sent. */
  get wasSentOn(): boolean {
    return this.attempts.length > this.earlierAttemptCount;
  }
}

export interface Violation {
  readonly invariant: string;
  readonly detail: string;
  readonly requestId: string | undefined;
}

/** A stretch of time in which faults of machines may cost requests. */
export interface Disturbance {
  readonly what: string;
  readonly fromMs: number;
  toMs: number;
}

/** How long a disturbance is felt after its end: until health checks have seen that all is well. */
const aftermathMs = 5_000;
const violationsMax = 20;

/** What all parts of a run share: time, chance, and the book of what happened. */
export class World {
  readonly queue = new EventQueue();
  readonly records = new Map<string, RequestRecord>();
  readonly disturbances: Disturbance[] = [];
  readonly violations: Violation[] = [];
  readonly lines: string[] = [];
  drainBeganAtMs = Infinity;
  hasDrained = false;
  /** A client came back for an answer that was kept for it. */
  hasReturns = false;
  /** The limits are so narrow that requests are turned away. */
  isTight = false;
  readonly #isTracing: boolean;
  #hash = 0x811c9dc5;

  constructor(isTracing: boolean) {
    this.#isTracing = isTracing;
    this.queue.onTurnEnd = flushHeads;
  }

  /** Of all that happened, in its order. */
  get hash(): number {
    return this.#hash >>> 0;
  }

  note(what: string): void {
    const line = `${this.queue.nowMs.toFixed(3)} ${what}`;
    for (let index = 0; index < line.length; index++) this.noteNumber(line.charCodeAt(index));
    if (this.#isTracing) this.lines.push(line);
  }

  noteNumber(value: number): void {
    this.#hash = Math.imul(this.#hash ^ value, 0x01000193);
  }

  violate(invariant: string, detail: string, requestId?: string): void {
    if (this.violations.length >= violationsMax) return;
    this.note(
      `VIOLATION ${invariant}: ${detail}${requestId === undefined ? "" : ` (${requestId})`}`,
    );
    this.violations.push({ invariant, detail, requestId });
  }

  record(id: string | undefined): RequestRecord | undefined {
    return id === undefined ? undefined : this.records.get(id);
  }

  disturb(what: string, durationMs: number): void {
    const fromMs = this.queue.nowMs;
    this.disturbances.push({ what, fromMs, toMs: fromMs + durationMs });
    this.note(`FAULT ${what} for ${durationMs} ms`);
  }

  /** Whether machines failed during a request, or so shortly before that it may have felt it. */
  wasDisturbed({ sentAtMs, endedAtMs }: RequestRecord): boolean {
    const untilMs = endedAtMs === -1 ? this.queue.nowMs : endedAtMs;
    return this.disturbances.some(
      ({ fromMs, toMs }) => fromMs <= untilMs && toMs + aftermathMs >= sentAtMs,
    );
  }
}
