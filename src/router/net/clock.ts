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

/** The clock of this machine. Its timers keep the process running. */
export const systemClock: Clock = Object.freeze({
  nowMs: () => performance.now(),
  after: (delayMs: number, callback: () => void) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
  every: (intervalMs: number, callback: () => void) => {
    const timer = setInterval(callback, intervalMs);
    return () => clearInterval(timer);
  },
});
