import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { encodeFrame, type Frame, frameTypes, headerBytes, ProtocolError } from "./frame.ts";
import { FrameReader } from "./frame-reader.ts";

const payloadBytesMax = 64;

const someFrame: fc.Arbitrary<Frame> = fc.record({
  type: fc.constantFrom(...Object.values(frameTypes)),
  payload: fc.uint8Array({ maxLength: payloadBytesMax }).map((bytes) => Buffer.from(bytes)),
});

/** What a reader makes of bytes that come in pieces of these sizes. */
function readIn(bytes: Buffer, sizes: readonly number[]): Frame[] {
  const reader = new FrameReader(payloadBytesMax);
  const frames: Frame[] = [];
  let at = 0;
  for (let piece = 0; at < bytes.length; piece++) {
    const size = sizes[piece % sizes.length]!;
    frames.push(...reader.push(bytes.subarray(at, at + size)));
    at += size;
  }
  return frames;
}

const someSizes = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 5 });

test("FrameReader gives the frames that were sent, however their bytes are cut", () => {
  const property = fc.property(fc.array(someFrame), someSizes, (frames, sizes) => {
    const bytes = Buffer.concat(frames.map(({ type, payload }) => encodeFrame(type, payload)));
    assert.deepEqual(
      readIn(bytes, sizes),
      frames.map((frame) => ({ ...frame })),
    );
  });
  fc.assert(property);
});

test("FrameReader takes no frame with a changed bit for another one", () => {
  const property = fc.property(someFrame, fc.nat(), fc.nat(7), (frame, at, bit) => {
    const bytes = encodeFrame(frame.type, frame.payload);
    const place = at % bytes.length;
    bytes[place]! ^= 1 << bit;
    let frames: Frame[] = [];
    try {
      frames = readIn(bytes, [1000]);
    } catch (error) {
      assert(error instanceof ProtocolError);
    }
    assert.deepEqual(frames, []);
  });
  fc.assert(property);
});

test("FrameReader throws nothing but ProtocolError, whatever comes", () => {
  const property = fc.property(fc.uint8Array({ maxLength: 300 }), someSizes, (bytes, sizes) => {
    try {
      readIn(Buffer.from(bytes), sizes);
    } catch (error) {
      assert(error instanceof ProtocolError);
    }
  });
  fc.assert(property, { numRuns: 1_000 });
});

test("FrameReader refuses a frame over its limit before its bytes come", () => {
  const reader = new FrameReader(payloadBytesMax);
  const frame = encodeFrame(frameTypes.pull, Buffer.alloc(payloadBytesMax + 1));
  const head = frame.subarray(0, headerBytes);
  assert.throws(() => [...reader.push(head)], /65 bytes came, it may have 64/);
  assert.throws(
    () => [...new FrameReader(64).push(Buffer.from("GET / HTTP/1.1\r\n"))],
    ProtocolError,
  );
});

test("FrameReader.isBetween is false in the middle of a frame", () => {
  const reader = new FrameReader(payloadBytesMax);
  const frame = encodeFrame(frameTypes.pull, Buffer.alloc(5));
  assert.equal(reader.isBetween, true);
  for (const length of [3, headerBytes, headerBytes + 4]) {
    const cut = new FrameReader(payloadBytesMax);
    assert.deepEqual([...cut.push(frame.subarray(0, length))], []);
    assert.equal(cut.isBetween, false);
  }
  assert.equal([...reader.push(frame)].length, 1);
  assert.equal(reader.isBetween, true);
});
