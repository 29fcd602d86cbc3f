import { crc32 } from "node:zlib";

/**
 * The frames of the side channel. All numbers are big-endian:
 *
 * ```
 * | payload length u32 | type u8 | 0 u24 | CRC-32 of these eight bytes and the payload u32 | payload |
 * ```
 */
export interface Frame {
  readonly type: FrameType;
  readonly payload: Buffer;
}

/** New types may be added; a peer that does not know one closes the connection. */
export const frameTypes = {
  /** Both ways, first: who speaks which version, and what its blocks look like. */
  greeting: 1,
  /** Consumer: blocks of a lease that it wants. */
  pull: 2,
  /** Producer: some of the blocks of one plane. */
  blocks: 3,
  /** Producer: all has been sent. */
  done: 4,
  /** Producer: no, and why. */
  refusal: 5,
  /** Consumer: the blocks of a lease are wanted no more. */
  release: 6,
  /** Producer: it has heard so. */
  released: 7,
} as const;

export type FrameType = (typeof frameTypes)[keyof typeof frameTypes];

export const headerBytes = 12;

/** What a peer sent is not what the protocol says. Never leaves this folder but as the text of a reason. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
}

export function encodeFrame(type: FrameType, payload: Uint8Array = new Uint8Array()): Buffer {
  const frame = Buffer.allocUnsafe(headerBytes + payload.length);
  frame.set(payload, headerBytes);
  sealFrame(frame, type);
  return frame;
}

/** Writes the header of a frame whose payload stands behind it already. */
export function sealFrame(frame: Buffer, type: FrameType): void {
  frame.writeUInt32BE(frame.length - headerBytes, 0);
  frame.writeUInt32BE(type * 2 ** 24, 4);
  frame.writeUInt32BE(checksumOf(frame, frame.subarray(headerBytes)), 8);
}

export function checksumOf(header: Buffer, payload: Buffer): number {
  return crc32(payload, crc32(header.subarray(0, 8)));
}

export interface FrameHeader {
  readonly type: FrameType;
  readonly length: number;
  readonly checksum: number;
}

/** @throws ProtocolError */
export function decodeHeader(header: Buffer, payloadBytesMax: number): FrameHeader {
  const length = header.readUInt32BE(0);
  const type = header.readUInt8(4);
  if (!isFrameType(type)) throw new ProtocolError(`a frame of the unknown type ${type} came`);
  if (length > payloadBytesMax)
    throw new ProtocolError(`a frame of ${length} bytes came, it may have ${payloadBytesMax}`);
  return { type, length, checksum: header.readUInt32BE(8) };
}

function isFrameType(type: number): type is FrameType {
  return Object.values(frameTypes).some((known) => known === type);
}
