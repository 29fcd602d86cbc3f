import { constants } from "node:os";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Closes something before this process ends by a signal: Ctrl-C, or the test runner's end of patience. Returns what
 * takes that back.
 */
export function closeOnSignals(close: () => Promise<void>): () => void {
  const listeners = signals.map((signal) => {
    const listener = (): void => {
      void close().finally(() => process.exit(128 + constants.signals[signal]));
    };
    process.once(signal, listener);
    return { signal, listener };
  });
  return () => {
    for (const { signal, listener } of listeners) process.removeListener(signal, listener);
  };
}
