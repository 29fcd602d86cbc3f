/** What can be told to stop. */
export interface Stoppable {
  stop(): void;
  stopNow(): void;
}

const stopSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * One Ctrl-C reaches us more than once: the terminal signals the whole group, and npm and the bootstrap in it
 * pass on what they get. Signals closer together than this are one.
 */
export const sameSignalMs = 500;

/**
 * Stops gently at the first signal to end and at once at the second. Returns how to stop listening.
 */
export function onStopSignals(target: Stoppable, now: () => number = Date.now): () => void {
  let firstMs: number | undefined;
  const listen = (): void => {
    if (firstMs === undefined) {
      firstMs = now();
      target.stop();
    } else if (now() - firstMs > sameSignalMs) {
      target.stopNow();
    }
  };
  for (const signal of stopSignals) process.on(signal, listen);
  return () => {
    for (const signal of stopSignals) process.off(signal, listen);
  };
}
