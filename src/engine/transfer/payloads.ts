import { ProtocolError } from "./frame.ts";
import { reasonBytesMax } from "./limits.ts";

/** What a consumer wants of a lease. */
export interface PullRequest {
  /** Of the lease: 32 hex digits. */
  readonly requestId: string;
  /** Digest of the tokens whose keys and values it expects: 64 hex digits. */
  readonly tokensDigest: string;
  /** Numbers of the producer's blocks, in sequence order. */
  readonly blockIds: Int32Array;
}

/** Some of the wanted blocks, all of one plane: their place among the wanted ones, and their bytes. */
export interface BlocksHead {
  readonly plane: number;
  readonly first: number;
  readonly count: number;
}

const requestIdBytes = 16;
const digestBytes = 32;
const pullHeadBytes = requestIdBytes + digestBytes;
export const blocksHeadBytes = 12;

/** Bytes of the longest pull that a producer of so many blocks can be asked for. */
export function pullBytesMax(blockCount: number): number {
  return pullHeadBytes + 4 * blockCount;
}

export function encodePull({ requestId, tokensDigest, blockIds }: PullRequest): Buffer {
  const payload = Buffer.alloc(pullBytesMax(blockIds.length));
  payload.write(requestId, 0, "hex");
  payload.write(tokensDigest, requestIdBytes, "hex");
  for (const [index, block] of blockIds.entries())
    payload.writeInt32BE(block, pullHeadBytes + 4 * index);
  return payload;
}

/** @throws ProtocolError */
export function decodePull(payload: Buffer): PullRequest {
  const idBytes = payload.length - pullHeadBytes;
  if (idBytes < 4 || idBytes % 4 !== 0)
    throw new ProtocolError(`a pull of ${payload.length} bytes came`);
  return {
    requestId: payload.toString("hex", 0, requestIdBytes),
    tokensDigest: payload.toString("hex", requestIdBytes, pullHeadBytes),
    // Past 2 ** 31 they turn negative, and are no block of anybody.
    blockIds: Int32Array.from({ length: idBytes / 4 }, (_, index) =>
      payload.readInt32BE(pullHeadBytes + 4 * index),
    ),
  };
}

export function encodeRelease(requestId: string): Buffer {
  return Buffer.from(requestId, "hex");
}

/** @throws ProtocolError */
export function decodeRelease(payload: Buffer): string {
  if (payload.length !== requestIdBytes)
    throw new ProtocolError(`a release of ${payload.length} bytes came`);
  return payload.toString("hex");
}

export function writeBlocksHead(target: Buffer, offset: number, head: BlocksHead): void {
  target.writeUInt32BE(head.plane, offset);
  target.writeUInt32BE(head.first, offset + 4);
  target.writeUInt32BE(head.count, offset + 8);
}

/** @throws ProtocolError */
export function decodeBlocksHead(payload: Buffer): BlocksHead {
  if (payload.length < blocksHeadBytes) throw new ProtocolError("a frame of blocks is too short");
  return {
    plane: payload.readUInt32BE(0),
    first: payload.readUInt32BE(4),
    count: payload.readUInt32BE(8),
  };
}

export function encodeReason(reason: string): Buffer {
  return Buffer.from(reason).subarray(0, reasonBytesMax);
}

/** Text for a log line, whatever the peer sent. */
export function decodeReason(payload: Buffer): string {
  return payload.toString("utf8", 0, reasonBytesMax).replaceAll(/\p{Cc}/gu, " ");
}
