import type { Server } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

/** Takes no more connections and waits for those that are busy; after the limit they are cut. */
export async function closeServer(server: Server, limitMs = 0): Promise<void> {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  await settledWithin(closed, limitMs);
  server.closeAllConnections();
  await closed;
}

/** Waits for the promise, but not longer than the limit. */
export async function settledWithin(promise: Promise<void>, limitMs: number): Promise<void> {
  const timer = new AbortController();
  const timeout = delay(limitMs, undefined, { signal: timer.signal }).catch(() => {
    // Aborted: the promise was first.
  });
  await Promise.race([promise, timeout]);
  timer.abort();
}
