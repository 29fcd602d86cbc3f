import { hash } from "node:crypto";
import type { AccessRecord } from "./access-record.ts";

/** Characters of a path that are written. */
const pathLengthMax = 256;
/** Characters of a request id that are written. */
const requestIdLengthMax = 256;

/**
 * One JSON line of the access log with its line feed. What a client sent cannot end the line or add a field to it.
 * `epochMs` is the time at which the router's clock began.
 */
export function accessLine(record: AccessRecord, epochMs: number): string {
  const { requestId, path, sessionKey, beganAtMs, endedAtMs, queuedMs, firstByteMs } = record;
  return (
    `{"time":"${isoTime(epochMs + endedAtMs)}","request_id":${text(requestId, requestIdLengthMax)}` +
    `,"client":${text(record.clientAddress)},"method":${text(record.method)},"path":${text(path, pathLengthMax)}` +
    `,"status":${number(record.status)},"outcome":"${record.outcome}","reason":${text(record.refusalReason)}` +
    `,"rank":${number(record.rank)},"prefill_rank":${number(record.prefillRank)},"tries":${record.tries}` +
    `,"bytes_in":${record.receivedByteCount},"bytes_out":${record.sentByteCount}` +
    `,"queue_ms":${milliseconds(queuedMs)},"ttft_ms":${milliseconds(firstByteMs)}` +
    `,"total_ms":${milliseconds(endedAtMs - beganAtMs)},"prompt_tokens":${number(record.promptTokens)}` +
    `,"completion_tokens":${number(record.completionTokens)},"cached_tokens":${number(record.cachedTokens)}` +
    `,"session":${sessionKey === undefined ? "null" : `"${sessionHash(sessionKey)}"`}}\n`
  );
}

/** Names a session in logs without telling its key: the first 64 bits of its SHA-256 in hex. */
export function sessionHash(sessionKey: string): string {
  return hash("sha256", sessionKey, "hex").slice(0, 16);
}

function text(value: string | undefined, lengthMax = Infinity): string {
  if (value === undefined) return "null";
  const short = value.length > lengthMax ? value.slice(0, lengthMax) : value;
  return plain.test(short) ? `"${short}"` : JSON.stringify(short);
}

/** ASCII without controls, quotes and backslashes. */
const plain = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

function number(value: number): string {
  return value < 0 ? "null" : String(value);
}

function milliseconds(value: number): string {
  return value < 0 ? "null" : String(Math.round(value * 10) / 10);
}

/** RFC 3339 in UTC. The part that changes once a second is kept. */
function isoTime(epochMs: number): string {
  const ms = Math.floor(epochMs);
  const second = Math.floor(ms / 1_000);
  if (second !== lastSecond) {
    lastSecond = second;
    lastSecondText = new Date(second * 1_000).toISOString().slice(0, -4);
  }
  return `${lastSecondText}${String(ms - second * 1_000).padStart(3, "0")}Z`;
}

let lastSecond = Number.NaN;
let lastSecondText = "";
