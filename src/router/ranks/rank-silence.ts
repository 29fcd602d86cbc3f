import type { HealthSign } from "./rank-health.ts";

export interface SilenceLimits {
  /**
   * How long the machine of a rank may take no connection before the rank is lost: it has no power, or the network
   * between is cut. Its kernel would answer however busy the rank is, so that this may be short.
   */
  readonly unreachedMsMax: number;
  /**
   * How long a rank may take connections and say nothing before it is lost: it is stopped or hangs. Long, because its
   * thread may be held on a machine with too much to do, and a stopped one may go on.
   */
  readonly muteMsMax: number;
}

/**
 * For how long nothing has come from a rank, neither to probes nor to requests. Counted in spans that were waited for,
 * not read off a clock: a router that was stopped itself has missed the answers and not waited for them.
 */
export class RankSilence {
  readonly #limits: SilenceLimits;
  #unreachedMs = 0;
  #muteMs = 0;
  #isLost = false;

  constructor(limits: SilenceLimits) {
    this.#limits = limits;
  }

  /** Something came from it. */
  end(): void {
    this.#unreachedMs = 0;
    this.#muteMs = 0;
    this.#isLost = false;
  }

  /** Takes in a probe and the span since the one before. Gives why the rank is lost, once when it becomes so. */
  note(sign: HealthSign, spanMs: number): string | undefined {
    if (sign.kind === "ready" || sign.isSilent !== true) {
      this.end();
      return undefined;
    }
    this.#muteMs += spanMs;
    this.#unreachedMs = sign.kind === "unreachable" ? this.#unreachedMs + spanMs : 0;
    const reason = this.#whyLost();
    if (reason === undefined || this.#isLost) return undefined;
    this.#isLost = true;
    return reason;
  }

  #whyLost(): string | undefined {
    const { unreachedMsMax, muteMsMax } = this.#limits;
    if (this.#unreachedMs >= unreachedMsMax) return "its machine does not answer";
    return this.#muteMs >= muteMsMax ? "its process does not answer" : undefined;
  }
}
