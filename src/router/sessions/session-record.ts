import { crc32 } from "node:zlib";
import { goneSlot, type SessionBatch } from "../choose/session-batch.ts";
import type { RankNames } from "./rank-names.ts";

/**
 * A file of sessions: {@linkcode fileHeader}, then frames of records. Numbers are little-endian.
 *
 *     frame:  u32 length of the records in bytes, u32 CRC-32 of the records, records
 *     record: i32 index of the rank or -1 for a session that is over, 8 bytes that stand for the session's key,
 *             f64 last use in milliseconds since 1970
 *
 * A later record of a session replaces earlier ones: a snapshot and a log look the same, and one follows the other.
 */
export const fileHeader: Buffer = Buffer.from("PENSTOCKSESS\u0001\0\0\0", "latin1");

export const recordBytes = 20;
const frameHeaderBytes = 8;
/** Records of one frame; a longer one is none of ours. */
export const frameRecordsMax = 3_276;

/** A frame of the batch's sessions, whose times are on a clock that is this much behind the wall's. */
export function encodeFrame(batch: SessionBatch, { indexOf }: RankNames, behindMs: number): Buffer {
  const frame = Buffer.allocUnsafe(frameHeaderBytes + batch.count * recordBytes);
  for (let index = 0; index < batch.count; index++) {
    const at = frameHeaderBytes + index * recordBytes;
    const slot = batch.slots[index]!;
    frame.writeInt32LE(slot === goneSlot ? goneRank : indexOf(slot), at);
    frame.writeInt32LE(batch.ids[2 * index]!, at + 4);
    frame.writeInt32LE(batch.ids[2 * index + 1]!, at + 8);
    frame.writeDoubleLE(batch.usedMs[index]! + behindMs, at + 12);
  }
  const records = frame.subarray(frameHeaderBytes);
  frame.writeUInt32LE(records.length, 0);
  frame.writeUInt32LE(crc32(records), 4);
  return frame;
}

const goneRank = -1;

export interface SavedSession {
  /** Stands for the key. */
  readonly id: bigint;
  readonly rank: number;
  /** Milliseconds since 1970. */
  readonly usedMs: number;
}

export interface Replay {
  /** By id. */
  readonly sessions: ReadonlyMap<bigint, SavedSession>;
  /** Up to there the file is whole; 0 where it does not begin as a file of sessions does. */
  readonly wholeBytes: number;
}

/** What the file says up to its first frame that is cut or damaged. */
export function replay(bytes: Buffer): Replay {
  const sessions = new Map<bigint, SavedSession>();
  if (!bytes.subarray(0, fileHeader.length).equals(fileHeader)) return { sessions, wholeBytes: 0 };
  let at = fileHeader.length;
  for (;;) {
    const end = endOfFrame(bytes, at);
    if (end === -1) return { sessions, wholeBytes: at };
    for (let record = at + frameHeaderBytes; record < end; record += recordBytes) {
      apply(bytes, record, sessions);
    }
    at = end;
  }
}

/** -1 where there is no whole frame. One of no records is none either: lost blocks of a disk read as zeros. */
function endOfFrame(bytes: Buffer, start: number): number {
  const recordsStart = start + frameHeaderBytes;
  if (recordsStart > bytes.length) return -1;
  const length = bytes.readUInt32LE(start);
  const isLength = length % recordBytes === 0 && length <= frameRecordsMax * recordBytes;
  const end = recordsStart + length;
  if (length === 0 || !isLength || end > bytes.length) return -1;
  return crc32(bytes.subarray(recordsStart, end)) === bytes.readUInt32LE(start + 4) ? end : -1;
}

function apply(bytes: Buffer, at: number, sessions: Map<bigint, SavedSession>): void {
  const rank = bytes.readInt32LE(at);
  const id = bytes.readBigInt64LE(at + 4);
  if (rank < 0) sessions.delete(id);
  else sessions.set(id, { id, rank, usedMs: bytes.readDoubleLE(at + 12) });
}
