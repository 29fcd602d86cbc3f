import type { Logger } from "../../telemetry/mod.ts";
import { probeRank } from "./probe-rank.ts";
import type { HealthSign } from "./rank-health.ts";
import { RankSilence, type SilenceLimits } from "./rank-silence.ts";
import type { RankTable } from "./rank-table.ts";

export interface HealthOptions extends SilenceLimits {
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
});

/** Probes each rank on its own schedule and takes in what requests notice on the way. Sole source of who lives. */
export class HealthChecks {
  readonly #table: RankTable;
  readonly #options: HealthOptions;
  readonly #logger: Logger;
  readonly #timers: (NodeJS.Timeout | undefined)[] = [];
  readonly #isProbing: boolean[] = [];
  /** When the last probe of each ended. */
  readonly #probedMs: number[] = [];
  readonly #silences: readonly RankSilence[];
  readonly #abort = new AbortController();

  constructor(table: RankTable, options: HealthOptions, logger: Logger) {
    this.#table = table;
    this.#options = options;
    this.#logger = logger;
    this.#silences = table.addresses.map(() => new RankSilence(options));
  }

  /** Begins to probe all ranks. */
  start(): void {
    for (let slot = 0; slot < this.#table.count; slot++) this.checkNow(slot);
  }

  /** Probes the rank without waiting for its turn, since a request gave reason to doubt it. */
  checkNow(slot: number): void {
    clearTimeout(this.#timers[slot]);
    if (this.#isProbing[slot] !== true && !this.#abort.signal.aborted) void this.#check(slot);
  }

  /** Takes in a request's failure to connect. */
  noteUnreachable(slot: number, reason: string): void {
    this.#note(slot, { kind: "unreachable", reason });
    this.#schedule(slot);
  }

  /** Takes in that a request got something from the rank: whatever its probes say, it is there. */
  noteHeard(slot: number): void {
    this.#silences[slot]!.end(); // Each rank has one.
  }

  close(): void {
    this.#abort.abort();
    for (const timer of this.#timers) clearTimeout(timer);
  }

  async #check(slot: number): Promise<void> {
    this.#isProbing[slot] = true;
    const { timeoutMs } = this.#options;
    const { signal } = this.#abort;
    const sinceMs = this.#probedMs[slot] ?? performance.now();
    const sign = await probeRank(this.#table.addresses[slot]!, { timeoutMs, signal });
    this.#isProbing[slot] = false;
    if (signal.aborted) return;
    this.#note(slot, sign);
    this.#noteSilence(slot, sign, sinceMs);
    this.#schedule(slot);
  }

  /** A rank that nothing comes from any more loses its requests, as if its connections had ended. */
  #noteSilence(slot: number, sign: HealthSign, sinceMs: number): void {
    const { timeoutMs, upIntervalMs, downIntervalMs } = this.#options;
    const nowMs = performance.now();
    this.#probedMs[slot] = nowMs;
    const spanMsMax = timeoutMs + Math.max(upIntervalMs, downIntervalMs);
    const reason = this.#silences[slot]!.note(sign, Math.min(nowMs - sinceMs, spanMsMax));
    const requestCount = this.#table.tenants[slot]!.size;
    if (reason === undefined || requestCount === 0) return;
    const { index: rank } = this.#table.addresses[slot]!;
    this.#logger.warning("Rank is lost with its requests", { rank, requestCount, reason });
    this.#table.lose(slot, reason);
  }

  #schedule(slot: number): void {
    clearTimeout(this.#timers[slot]);
    if (this.#abort.signal.aborted) return;
    const { upIntervalMs, downIntervalMs } = this.#options;
    const isUp = this.#table.living[slot] === 1;
    this.#timers[slot] = setTimeout(
      () => this.checkNow(slot),
      isUp ? upIntervalMs : downIntervalMs,
    );
  }

  #note(slot: number, sign: HealthSign): void {
    if (!this.#table.note(slot, sign, this.#options.failuresMax)) return;
    const { index, url } = this.#table.addresses[slot]!;
    const { state, reason } = this.#table.health(slot);
    if (state === "up") this.#logger.info("Rank is up", { rank: index, url });
    else this.#logger.warning("Rank is out of use", { rank: index, url, state, reason });
  }
}
