import { isTable } from "../../base/mod.ts";
import type { KvFacts } from "../kv-memory.ts";
import { ProtocolError } from "./frame.ts";
import { greetingBytesMax } from "./limits.ts";

/** "PKVT" */
const magic = 0x504b_5654;
const version = 1;
const headBytes = 6;

/** Magic, version, then JSON, so that later versions can say more. */
export function encodeGreeting(facts: KvFacts): Buffer {
  const head = Buffer.alloc(headBytes);
  head.writeUInt32BE(magic, 0);
  head.writeUInt16BE(version, 4);
  return Buffer.concat([head, Buffer.from(JSON.stringify(facts))]);
}

/**
 * The facts of the peer; keys that it does not say are missing.
 *
 * @throws ProtocolError for a peer that speaks something else
 */
export function decodeGreeting(payload: Buffer): Readonly<Record<string, unknown>> {
  if (payload.length < headBytes || payload.readUInt32BE(0) !== magic)
    throw new ProtocolError("the peer is no side channel of an engine");
  const theirs = payload.readUInt16BE(4);
  if (theirs !== version)
    throw new ProtocolError(`the peer speaks version ${theirs} of the protocol, not ${version}`);
  if (payload.length > greetingBytesMax) throw new ProtocolError("the greeting is too long");
  let facts: unknown;
  try {
    facts = JSON.parse(payload.toString("utf8", headBytes));
  } catch (cause) {
    throw new ProtocolError("the greeting is no JSON", { cause });
  }
  if (!isTable(facts)) throw new ProtocolError("the greeting is no object");
  return facts;
}

/** Why blocks of the one mean nothing to the other; null when they do. */
export function mismatchOf(own: KvFacts, theirs: Readonly<Record<string, unknown>>): string | null {
  for (const [name, value] of Object.entries(own)) {
    if (theirs[name] === value) continue;
    return `its ${name} is "${shown(theirs[name])}" there and "${shown(value)}" here`;
  }
  return null;
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? "missing").replaceAll('"', "").slice(0, 80);
}
