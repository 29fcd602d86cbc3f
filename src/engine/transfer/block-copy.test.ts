import assert from "node:assert/strict";
import { test } from "node:test";
import type { KvMemory } from "../kv-memory.ts";
import { makeMemory } from "../test-support/kv-memory.ts";
import { BlockSink, encodeBlocks } from "./block-copy.ts";
import { headerBytes } from "./frame.ts";
import { blocksHeadBytes, writeBlocksHead } from "./payloads.ts";

const block = ({ buffer, planes, blockBytes }: KvMemory, plane: number, at: number) =>
  new Uint8Array(buffer, planes[plane]! + at * blockBytes, blockBytes);

/** Payloads of all frames but the last, which says "done". */
const payloadsOf = (memory: KvMemory, blockIds: Int32Array) =>
  [...encodeBlocks(memory, blockIds)].slice(0, -1).map((frame) => frame.subarray(headerBytes));

for (const blockBytes of [64, 400_000, 2 ** 21])
  test(`BlockSink puts blocks of ${blockBytes} bytes where they belong, and nothing else`, () => {
    const [from, to] = [1, 2].map((fill) => makeMemory({ blockBytes, blockCount: 5, fill }));
    for (const plane of [0, 1])
      for (let at = 0; at < 5; at++) block(from!, plane, at).fill(10 * plane + at + 50);
    const sink = new BlockSink(to!, Int32Array.of(0, 4, 2));
    for (const payload of payloadsOf(from!, Int32Array.of(3, 1, 4))) {
      assert.equal(sink.isFull, false);
      sink.write(payload);
    }
    assert.equal(sink.isFull, true);
    for (const plane of [0, 1]) {
      const values = [0, 1, 2, 3, 4].map((at) => block(to!, plane, at));
      const wanted = [53, 2, 54, 2, 51].map((value) => (value === 2 ? 2 : value + 10 * plane));
      assert.deepEqual(
        values.map((bytes) => bytes[0]!),
        wanted,
      );
      for (const bytes of values) assert(bytes.every((byte) => byte === bytes[0]));
    }
  });

test("BlockSink refuses what was not asked for, came already or has another length", () => {
  const memory = makeMemory({ blockBytes: 64, blockCount: 5, fill: 1 });
  const payload = (plane: number, first: number, count: number) => {
    const made = Buffer.alloc(blocksHeadBytes + Math.min(count, 2) * 64);
    writeBlocksHead(made, 0, { plane, first, count });
    return made;
  };
  const sink = new BlockSink(memory, Int32Array.of(0, 1));
  for (const wrong of [
    payload(2, 0, 1),
    payload(0, 2, 1),
    payload(0, 1, 2),
    payload(0, 0, 0),
    payload(0, 0, 2 ** 31),
    payload(0, 2 ** 32 - 1, 2),
  ])
    assert.throws(() => sink.write(wrong), /not asked for/);
  assert.throws(() => sink.write(payload(0, 0, 1).subarray(0, 75)), /1 blocks came in 75 bytes/);
  assert.throws(() => sink.write(Buffer.alloc(3)), /too short/);
  sink.write(payload(0, 0, 2));
  assert.throws(() => sink.write(payload(0, 1, 1)), /came twice/);
  assert.equal(sink.isFull, false);
});
