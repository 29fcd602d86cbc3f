/** A rank that failed requests, one after the other, is kept away from them for a while, however well its probes go. */
export interface Quarantine {
  /** "open": no requests. "trial": the time is over, and one request shows whether the rank is well. */
  readonly phase: "open" | "trial";
  /** The latest fault, for people. */
  readonly reason: string;
  /** When the trial begins, or began, on the router's clock. */
  readonly untilMs: number;
}

export interface QuarantineOptions {
  /** Faults that bring a rank into quarantine when no more good answers came between them. */
  readonly faultsMax: number;
  /** Within which they must come. */
  readonly faultWindowMs: number;
  /** The first quarantine. Each one that follows within `calmMs` of the last is twice as long. */
  readonly quarantineMsMin: number;
  readonly quarantineMsMax: number;
  /**
   * A request that tries a rank out and runs for longer, at most twice as long, without a fault counts as a good answer:
   * one that is no stream may take hours, and a rank in use is not kept waiting for it.
   */
  readonly trialMsMax: number;
  /** After a quarantine, until it is forgotten. */
  readonly calmMs: number;
}

/** What is known of the faults of one rank. */
export interface FaultRecord {
  readonly quarantine: Quarantine | undefined;
  /** The latest, up to `faultsMax`; none while in quarantine. */
  readonly faults: readonly { readonly atMs: number; readonly goodAnswers: number }[];
  /** Quarantines that followed each other. */
  readonly quarantineCount: number;
  readonly endedMs: number;
}

export interface Fault {
  readonly reason: string;
  readonly atMs: number;
  /** The rank's good answers so far, modulo 2^32. */
  readonly goodAnswers: number;
  /** 32 random bits: ranks that failed together are not tried out together. */
  readonly draw: number;
}

export const noFaults: FaultRecord = Object.freeze({
  quarantine: undefined,
  faults: [],
  quarantineCount: 0,
  endedMs: -Infinity,
});

/**
 * The record after a fault: of a request that could not connect, broke off before its answer or got an answer that is
 * the rank's fault. Requests that come while a quarantine is open were there before it and say nothing new.
 */
export function afterFault(
  record: FaultRecord,
  fault: Fault,
  options: QuarantineOptions,
): FaultRecord {
  if (record.quarantine?.phase === "open") return record;
  if (record.quarantine?.phase === "trial") return quarantined(record, fault, options);
  const { atMs, goodAnswers } = fault;
  const { faultsMax, faultWindowMs, calmMs } = options;
  const faults = [...record.faults, { atMs, goodAnswers }].slice(-faultsMax);
  const first = faults[0]!; // There is at least this one.
  const isDense =
    atMs - first.atMs <= faultWindowMs && (goodAnswers - first.goodAnswers) >>> 0 <= faultsMax;
  if (faults.length < faultsMax || !isDense) return { ...record, faults };
  const isCalm = atMs - record.endedMs > calmMs;
  return quarantined(isCalm ? noFaults : record, fault, options);
}

/** The record once the quarantine has lasted. */
export function afterWait(record: FaultRecord, nowMs: number): FaultRecord {
  const { quarantine } = record;
  if (quarantine?.phase !== "open" || nowMs < quarantine.untilMs) return record;
  return { ...record, quarantine: { ...quarantine, phase: "trial" } };
}

/** The record after an answer without a fault: it ends a trial. */
export function afterGoodAnswer(record: FaultRecord, nowMs: number): FaultRecord {
  if (record.quarantine?.phase !== "trial") return record;
  return { ...record, quarantine: undefined, faults: [], endedMs: nowMs };
}

function quarantined(
  record: FaultRecord,
  { reason, atMs, draw }: Fault,
  { quarantineMsMin, quarantineMsMax }: QuarantineOptions,
): FaultRecord {
  const { quarantineCount } = record;
  const wholeMs = Math.min(quarantineMsMin * 2 ** quarantineCount, quarantineMsMax);
  const untilMs = atMs + wholeMs * (1 - jitterShare * (draw / 2 ** 32));
  return {
    quarantine: { phase: "open", reason, untilMs },
    faults: [],
    quarantineCount: quarantineCount + 1,
    endedMs: record.endedMs,
  };
}

const jitterShare = 0.25;
