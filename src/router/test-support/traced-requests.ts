import { Headers } from "../http1/headers.ts";
import type { ResponseHead } from "../http1/response-head.ts";
import type { AccessRecord } from "../observe/access-record.ts";
import type { RankFigures } from "../observe/rank-figures.ts";
import type { MetricsSources } from "../observe/router-metrics.ts";

/** The head of an answer of this type. */
export function answerOf(contentType: string, status = 200): ResponseHead {
  const headers = new Headers();
  headers.add("content-type", contentType);
  return { status, reason: "", headers, bodyLength: "chunked", keepsAlive: true };
}

/** Of a router without anything. */
export const noSources: MetricsSources = { ranks: () => [], connectionCount: () => 0 };

/** What is told of a rank. */
export function rankOf(changes: Partial<RankFigures> = {}): RankFigures {
  const none = { inFlight: 0, prefilling: 0, decoding: 0, streams: 0 };
  return { index: 0, role: "both", state: "up", ...none, ...changes };
}

/** A request of an access log. */
export function recordOf(changes: Partial<AccessRecord> = {}): AccessRecord {
  return {
    requestId: "r",
    clientAddress: "10.0.0.1",
    method: "POST",
    path: "/v1/completions",
    sessionKey: undefined,
    status: 200,
    outcome: "done",
    refusalReason: undefined,
    rank: 3,
    prefillRank: -1,
    tries: 1,
    receivedByteCount: 10,
    sentByteCount: 20,
    beganAtMs: 1_000,
    endedAtMs: 1_250.04,
    queuedMs: -1,
    firstByteMs: 99.96,
    promptTokens: 5,
    completionTokens: 7,
    cachedTokens: -1,
    ...changes,
  };
}
