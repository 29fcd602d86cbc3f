import type { Cancel } from "../net/clock.ts";
import { ProbeOrder } from "./probe-order.ts";
import { RankSilence, type SilenceLimits } from "./rank-silence.ts";

/** What health checks keep of one rank between two probes. */
export class RankWatch {
  readonly order = new ProbeOrder();
  readonly silence: RankSilence;
  /** The probe under way, or 0. */
  probe = 0;
  cancelProbe: Cancel = doNothing;
  cancelTimer: Cancel = doNothing;
  /** When the last probe ended. */
  probedMs: number | undefined;
  /** Whether a probe has ended, or none will. */
  readonly probed = Promise.withResolvers<void>();

  constructor(limits: SilenceLimits) {
    this.silence = new RankSilence(limits);
  }

  close(): void {
    this.probe = 0;
    this.cancelProbe();
    this.cancelTimer();
    this.probed.resolve();
  }
}

function doNothing(): void {}
