import type { KvMemory } from "../kv-memory.ts";
import { encodeFrame, frameTypes, headerBytes, ProtocolError, sealFrame } from "./frame.ts";
import { frameBytesMax } from "./limits.ts";
import { blocksHeadBytes, decodeBlocksHead, writeBlocksHead } from "./payloads.ts";

/** Bytes of the longest payload with blocks in it. */
export function blocksPayloadBytesMax({ blockBytes }: KvMemory): number {
  return blocksHeadBytes + Math.max(frameBytesMax, blockBytes);
}

/**
 * Blocks as frames: plane by plane, so that whoever gets them has the first layers early. Each frame is a copy and is
 * made when it is asked for.
 */
export function* encodeBlocks(memory: KvMemory, blockIds: Int32Array): Generator<Buffer> {
  const { blockBytes } = memory;
  const countMax = Math.max(1, Math.floor(frameBytesMax / blockBytes));
  for (const [plane, address] of memory.planes.entries()) {
    for (let first = 0; first < blockIds.length; first += countMax) {
      const count = Math.min(countMax, blockIds.length - first);
      const frame = Buffer.allocUnsafe(headerBytes + blocksHeadBytes + count * blockBytes);
      writeBlocksHead(frame, headerBytes, { plane, first, count });
      for (let index = 0; index < count; index++) {
        const from = address + blockIds[first + index]! * blockBytes;
        const target = headerBytes + blocksHeadBytes + index * blockBytes;
        frame.set(new Uint8Array(memory.buffer, from, blockBytes), target);
      }
      sealFrame(frame, frameTypes.blocks);
      yield frame;
    }
  }
  yield encodeFrame(frameTypes.done);
}

/** Puts the blocks that come into blocks of this engine's own, each once. */
export class BlockSink {
  readonly #memory: KvMemory;
  readonly #targets: Int32Array;
  /** [planes, targets] */
  readonly #arrived: Uint8Array;
  #missing: number;

  /** @param targets Block numbers here, in the order in which theirs were asked for. */
  constructor(memory: KvMemory, targets: Int32Array) {
    this.#memory = memory;
    this.#targets = targets;
    this.#missing = memory.planes.length * targets.length;
    this.#arrived = new Uint8Array(this.#missing);
  }

  get isFull(): boolean {
    return this.#missing === 0;
  }

  /** @throws ProtocolError when a frame holds what was not asked for, or came already */
  write(payload: Buffer): void {
    const { planes, blockBytes, buffer } = this.#memory;
    const { plane, first, count } = decodeBlocksHead(payload);
    const address = planes[plane];
    if (address === undefined || count === 0 || first + count > this.#targets.length)
      throw new ProtocolError("blocks came that were not asked for");
    if (payload.length !== blocksHeadBytes + count * blockBytes)
      throw new ProtocolError(`${count} blocks came in ${payload.length} bytes`);
    for (let index = 0; index < count; index++) {
      this.#note(plane, first + index);
      const target = address + this.#targets[first + index]! * blockBytes;
      const start = blocksHeadBytes + index * blockBytes;
      new Uint8Array(buffer, target, blockBytes).set(payload.subarray(start, start + blockBytes));
    }
  }

  #note(plane: number, index: number): void {
    const at = plane * this.#targets.length + index;
    if (this.#arrived[at] !== 0) throw new ProtocolError("a block came twice");
    this.#arrived[at] = 1;
    this.#missing -= 1;
  }
}
