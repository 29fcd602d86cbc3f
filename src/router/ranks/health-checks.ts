import type { Logger } from "../../telemetry/mod.ts";
import type { Clock } from "../net/clock.ts";
import type { HealthReport } from "./health-report.ts";
import type { Probe } from "./probe-rank.ts";
import type { QuarantineOptions } from "./quarantine.ts";
import type { HealthSign } from "./rank-health.ts";
import { RankQuarantines } from "./rank-quarantines.ts";
import type { SilenceLimits } from "./rank-silence.ts";
import type { RankTable, RankWatcher } from "./rank-table.ts";
import { RankWatch } from "./rank-watch.ts";

export interface HealthOptions extends SilenceLimits, QuarantineOptions {
  /** Between two probes of a rank that is up. */
  readonly upIntervalMs: number;
  /** Between two probes of a rank that is not. */
  readonly downIntervalMs: number;
  readonly timeoutMs: number;
  /** Failed probes in a row that take a rank out of use. A refused connection does so at once. */
  readonly failuresMax: number;
}

export const defaultHealthOptions: HealthOptions = Object.freeze({
  upIntervalMs: 5_000,
  downIntervalMs: 1_000,
  timeoutMs: 5_000,
  failuresMax: 3,
  unreachedMsMax: 30_000,
  muteMsMax: 300_000,
  faultsMax: 5,
  faultWindowMs: 10_000,
  quarantineMsMin: 1_000,
  quarantineMsMax: 60_000,
  trialMsMax: 10_000,
  calmMs: 60_000,
});

export interface HealthParts {
  readonly clock: Clock;
  /** Draws 32 unsigned bits. */
  readonly random: () => number;
  readonly probe: Probe;
  readonly logger: Logger;
}

/**
 * Probes each rank on its own schedule and takes in what requests notice on the way. Sole source of who lives; of the
 * first thread.
 */
export class HealthChecks implements RankWatcher {
  readonly #table: RankTable;
  readonly #options: HealthOptions;
  readonly #parts: HealthParts;
  readonly #quarantines: RankQuarantines;
  readonly #watches = new Map<number, RankWatch>();

  constructor(table: RankTable, options: HealthOptions, parts: HealthParts) {
    this.#table = table;
    this.#options = options;
    this.#parts = parts;
    this.#quarantines = new RankQuarantines(table, options, parts);
  }

  /** Begins to probe all ranks, and those that come. */
  start(): void {
    this.#table.watchers.add(this);
    for (const slot of this.#table.slots()) this.onRankAdded(slot);
  }

  /** Ends when each rank was probed once: it answered, or did not in time. */
  async probedOnce(): Promise<void> {
    await Promise.all([...this.#watches.values()].map(({ probed }) => probed.promise));
  }

  onRankAdded(slot: number): void {
    this.#watches.set(slot, new RankWatch(this.#options));
    this.checkNow(slot);
  }

  onRankRemoved(slot: number): void {
    this.#watches.get(slot)?.close();
    this.#watches.delete(slot);
    this.#quarantines.forget(slot);
  }

  /** Takes in what a request noticed. */
  take(report: HealthReport): void {
    const { kind, slot } = report;
    const watch = this.#watches.get(slot);
    if (watch === undefined) return; // The rank is gone meanwhile.
    if (kind === "good") return this.#quarantines.noteGood(slot);
    const { reason } = report;
    this.#quarantines.noteFault(slot, reason);
    if (kind === "fault") return;
    watch.order.supersede();
    if (kind === "unreachable") {
      this.#note(slot, { kind, reason });
      if (watch.probe === 0) this.#schedule(slot, watch);
    } else this.checkNow(slot);
  }

  /** Probes the rank without waiting for its turn, since there is reason to doubt it. */
  checkNow(slot: number): void {
    const watch = this.#watches.get(slot);
    if (watch === undefined || watch.probe !== 0) return;
    watch.cancelTimer();
    const { clock, probe } = this.#parts;
    const number = watch.order.begin();
    const sinceMs = watch.probedMs ?? clock.nowMs();
    watch.probe = number;
    const { timeoutMs } = this.#options;
    watch.cancelProbe = probe(this.#table.addresses[slot]!, timeoutMs, (sign) =>
      this.#onAnswer(slot, watch, { number, sign, sinceMs }),
    );
  }

  close(): void {
    this.#table.watchers.delete(this);
    for (const watch of this.#watches.values()) watch.close();
    this.#watches.clear();
    this.#quarantines.close();
  }

  #onAnswer(slot: number, watch: RankWatch, { number, sign, sinceMs }: ProbeAnswer): void {
    if (this.#watches.get(slot) !== watch) return; // The rank is gone, and its slot may have another one.
    const isCurrent = watch.probe === number;
    if (isCurrent) watch.probe = 0;
    // That it was well before something went wrong is no news. That it was not agrees with what came after.
    const isStale = !watch.order.accept(number) && (sign.kind === "ready" || !isCurrent);
    if (!isStale) this.#note(slot, sign);
    if (!isCurrent) return;
    watch.probed.resolve();
    this.#noteSilence(slot, watch, { number, sign, sinceMs });
    if (isStale) this.checkNow(slot);
    else this.#schedule(slot, watch);
  }

  /** A rank that nothing comes from any more loses its requests, as if its connections had ended. */
  #noteSilence(slot: number, watch: RankWatch, { sign, sinceMs }: ProbeAnswer): void {
    const { timeoutMs, upIntervalMs, downIntervalMs } = this.#options;
    const nowMs = this.#parts.clock.nowMs();
    watch.probedMs = nowMs;
    if (Atomics.exchange(this.#table.memory.heard, slot, 0) === 1) watch.silence.end();
    const spanMsMax = timeoutMs + Math.max(upIntervalMs, downIntervalMs);
    const reason = watch.silence.note(sign, Math.min(nowMs - sinceMs, spanMsMax));
    const requestCount = Atomics.load(this.#table.inFlight, slot);
    if (reason === undefined || requestCount === 0) return;
    const { index: rank } = this.#table.addresses[slot]!;
    this.#parts.logger.warning("Rank is lost with its requests", { rank, requestCount, reason });
    this.#table.lose(slot, reason);
  }

  #schedule(slot: number, watch: RankWatch): void {
    watch.cancelTimer();
    const { upIntervalMs, downIntervalMs } = this.#options;
    const intervalMs = this.#table.living[slot] === 1 ? upIntervalMs : downIntervalMs;
    watch.cancelTimer = this.#parts.clock.after(intervalMs, () => this.checkNow(slot));
  }

  #note(slot: number, sign: HealthSign): void {
    if (!this.#table.note(slot, sign, this.#options.failuresMax)) return;
    const { logger } = this.#parts;
    const { index, url } = this.#table.addresses[slot]!;
    const { state, reason } = this.#table.health(slot);
    if (state === "up") logger.info("Rank is up", { rank: index, url });
    else logger.warning("Rank is out of use", { rank: index, url, state, reason });
  }
}

interface ProbeAnswer {
  /** Of the probe. */
  readonly number: number;
  readonly sign: HealthSign;
  /** The end of the probe before. */
  readonly sinceMs: number;
}
