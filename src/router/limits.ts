/**
 * Every bound of the router under one name. Memory per client is at most about headBytesMax + heldBodyBytesMax +
 * pipelinedBytesMax + two relay buffers; each of these grows by at most one socket read past its bound.
 */
export interface RouterLimits {
  /** Client connections; one more is answered with 503 and closed. */
  readonly connectionsMax: number;
  /** Requests between their head and the last byte of their answer; one more waits. */
  readonly requestsInFlightMax: number;
  /** Requests that wait for one of those to end; one more is answered with 429. */
  readonly queueDepthMax: number;
  /** How long a request waits so; then it is answered with 503. */
  readonly queueMsMax: number;
  /** Requests with an Idempotency-Key that are remembered; one more takes the place of a finished one, or gets 503. */
  readonly idempotencyKeysMax: number;
  /** Answer of one that is kept for whoever sends it again. */
  readonly idempotentAnswerBytesMax: number;
  /** All such answers together; the oldest goes first. */
  readonly idempotencyBytesMax: number;
  /** How long one goes on whose client has left. */
  readonly idempotencyHoldMsMax: number;
  /** How long its answer is kept. */
  readonly idempotencyKeepMs: number;
  /** Request or status line and headers together. */
  readonly headBytesMax: number;
  readonly headerCountMax: number;
  /** Payload of one request body, without chunk framing. */
  readonly bodyBytesMax: number;
  /** Bytes of later requests that a client may send ahead; past it they stay in the kernel. */
  readonly pipelinedBytesMax: number;
  /** Request body bytes kept for another attempt. A longer body is sent once and never repeated. */
  readonly heldBodyBytesMax: number;
  /** All request bodies together that are kept so; one more is sent as it comes, once. */
  readonly heldBytesMax: number;
  /** High-water mark of each socket: past it the other side is paused. */
  readonly relayBufferBytesMax: number;
  /** From a connection's first byte, or a request's first byte, to the end of its head. */
  readonly headMsMax: number;
  /** Between two requests of a kept connection. */
  readonly idleMsMax: number;
  /** Between two reads of a request body. */
  readonly bodyIdleMsMax: number;
  /** What rankKeepAliveMs is for ranks: a client whose machine is gone gets no generation of hours. */
  readonly clientKeepAliveMs: number;
  /** How long a client may take none of a response that waits for it. */
  readonly clientStallMsMax: number;
  /** How long a closing connection may still send before it is destroyed, so that it can read the last answer. */
  readonly lingerMsMax: number;
  readonly connectMsMax: number;
  /** How long a rank may take none of a request body that waits for it. */
  readonly rankStallMsMax: number;
  /** The same for a prefill rank, which only computes a prompt; past it another one is asked. */
  readonly prefillSilenceMsMax: number;
  /** Until a rank's first byte and between two of its bytes. Long: a generation may take hours. */
  readonly rankSilenceMsMax: number;
  /** Ranks that one request may try to connect to. */
  readonly connectTriesMax: number;
  /**
   * Attempts at one request whose rank may have begun on it and broke off before the first byte of an answer. Few: a
   * request that ends the ranks it comes to must not end all of them.
   */
  readonly brokenTriesMax: number;
  /** Prefill ranks that may fail one request before its decode rank computes the prompt itself. */
  readonly prefillTriesMax: number;
  /** How long a request waits for a rank where all are down that were up before. */
  readonly rankWaitMsMax: number;
  /** Requests that wait so; one more is answered with 503 at once. */
  readonly waitingRequestsMax: number;
  /**
   * Sessions of each role whose rank is remembered, where the policy does; one more takes the place of the one that
   * was not used for longest.
   */
  readonly sessionsMax: number;
  /** Of a body that is looked through for the session of a request without a session header. */
  readonly sessionBodyBytesMax: number;
  /** From a session's last request until its rank is forgotten. */
  readonly sessionIdleMsMax: number;
  /** Body of a request whose prompt is handed over, which must be there as a whole. A longer one gets 413. */
  readonly handOffBodyBytesMax: number;
  /** All such bodies together that wait for their first byte of an answer, in at most twice the memory; one more gets 503. */
  readonly handOffBytesMax: number;
  /** Body of a prefill rank's answer; a longer one counts as a failure. */
  readonly prefillAnswerBytesMax: number;
  /**
   * Silence after which the kernel asks a rank's machine whether it is still there. Without an answer for ten seconds
   * more the connection ends: a machine that lost its power closes nothing, and a generation may be silent for hours.
   */
  readonly rankKeepAliveMs: number;
  /** How long a rank that is removed may go on with the requests that it has. */
  readonly rankLeaveMsMax: number;
  readonly idleConnectionsPerRankMax: number;
  /** A kept rank connection is closed after it; below the 5 s after which vLLM's server closes its side. */
  readonly rankIdleMsMax: number;
  /** How long close() lets running requests go on. */
  readonly drainMsMax: number;
  /** How often files that may change while the router runs are looked at. */
  readonly fileCheckMs: number;
  /** Grain of all the time limits above: they are checked at this interval. */
  readonly tickMs: number;
}

export const defaultRouterLimits: RouterLimits = Object.freeze({
  connectionsMax: 16_384,
  requestsInFlightMax: 8_192,
  queueDepthMax: 1_024,
  queueMsMax: 60_000,
  idempotencyKeysMax: 16_384,
  idempotentAnswerBytesMax: 1_048_576,
  idempotencyBytesMax: 268_435_456,
  idempotencyHoldMsMax: 30_000,
  idempotencyKeepMs: 60_000,
  headBytesMax: 65_536,
  headerCountMax: 128,
  bodyBytesMax: 268_435_456,
  pipelinedBytesMax: 65_536,
  heldBodyBytesMax: 1_048_576,
  heldBytesMax: 536_870_912,
  relayBufferBytesMax: 65_536,
  headMsMax: 15_000,
  idleMsMax: 75_000,
  bodyIdleMsMax: 60_000,
  clientKeepAliveMs: 60_000,
  clientStallMsMax: 600_000,
  lingerMsMax: 2_000,
  connectMsMax: 5_000,
  rankStallMsMax: 60_000,
  prefillSilenceMsMax: 600_000,
  rankSilenceMsMax: 4 * 3_600_000,
  connectTriesMax: 8,
  brokenTriesMax: 3,
  prefillTriesMax: 2,
  rankWaitMsMax: 10_000,
  waitingRequestsMax: 1_024,
  sessionsMax: 131_072,
  sessionBodyBytesMax: 1_048_576,
  sessionIdleMsMax: 7_200_000,
  handOffBodyBytesMax: 67_108_864,
  handOffBytesMax: 2_147_483_648,
  prefillAnswerBytesMax: 16_777_216,
  rankKeepAliveMs: 10_000,
  rankLeaveMsMax: 3_600_000,
  idleConnectionsPerRankMax: 256,
  rankIdleMsMax: 4_000,
  drainMsMax: 30_000,
  fileCheckMs: 1_000,
  tickMs: 100,
});
