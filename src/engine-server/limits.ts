/** What one server takes at most. */
export interface ServerLimits {
  /** One request body; more is answered with 413. */
  readonly bodyBytesMax: number;
  /** All bodies being received; past it, requests are answered with 503. */
  readonly bodyBytesTotalMax: number;
  /** Request line and headers of one request. */
  readonly headerBytesMax: number;
  /** From the first byte of a request to the end of its headers. */
  readonly headersTimeoutMs: number;
  /** From the first byte of a request to the end of its body. */
  readonly requestTimeoutMs: number;
  /** A connection without a request. Longer than that of clients and routers, so that they close first. */
  readonly keepAliveTimeoutMs: number;
  readonly connectionsMax: number;
  /**
   * A stream whose reader takes nothing for this long is ended and its requests are aborted. Until then what the
   * engine brings is merged into one pending delta a choice, so a slow reader holds at most one answer in memory.
   */
  readonly writeStallTimeoutMs: number;
  /** How long `/liveness` waits for a sign of life of the engine. */
  readonly livenessTimeoutMs: number;
  /** Running requests may go on for this long after close(). */
  readonly drainTimeoutMs: number;
  /** Characters of a text whose tokens need not fit the context: for `/tokenize`, or to be truncated. */
  readonly textCharsMax: number;
  readonly promptsMax: number;
  /** n times the number of prompts. */
  readonly choicesMax: number;
}

export const defaultLimits: ServerLimits = {
  bodyBytesMax: 16 * 2 ** 20,
  bodyBytesTotalMax: 256 * 2 ** 20,
  headerBytesMax: 32 * 2 ** 10,
  headersTimeoutMs: 30_000,
  requestTimeoutMs: 120_000,
  keepAliveTimeoutMs: 75_000,
  connectionsMax: 8_192,
  writeStallTimeoutMs: 120_000,
  livenessTimeoutMs: 30_000,
  drainTimeoutMs: 2_000,
  textCharsMax: 2 ** 20,
  promptsMax: 1_024,
  choicesMax: 1_024,
};
