/** The time of a router: real, or a simulation's own. */
export interface Clock {
  /** Milliseconds since whenever; never goes back. */
  nowMs(): number;
  /** Calls once, unless cancelled before. */
  after(delayMs: number, callback: () => void): Cancel;
  /** Calls again and again until cancelled. */
  every(intervalMs: number, callback: () => void): Cancel;
}

export type Cancel = () => void;

/** `performance.now()` begins anew in each thread; this is since the machine started, the same for all. */
const originMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/** The clock of this machine, one for all threads. Its timers keep the process running. */
export const systemClock: Clock = Object.freeze({
  nowMs: () => originMs + performance.now(),
  after: (delayMs: number, callback: () => void) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
  every: (intervalMs: number, callback: () => void) => {
    const timer = setInterval(callback, intervalMs);
    return () => clearInterval(timer);
  },
});
