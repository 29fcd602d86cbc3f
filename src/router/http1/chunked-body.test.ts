import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { ChunkedBody } from "./chunked-body.ts";

const options = { payloadBytesMax: 1_000_000, allowsTrailers: true };

/** Reads the text in pieces of this size: content found, bytes that belong to the body, whether it ended. */
function read(text: string, pieceBytes = text.length, over: Partial<typeof options> = {}) {
  const bytes = Buffer.from(text, "latin1");
  const body = new ChunkedBody({ ...options, ...over });
  let payload = "";
  let taken = 0;
  for (let start = 0; start < bytes.length && !body.isDone; start += pieceBytes) {
    const piece = bytes.subarray(start, start + pieceBytes);
    taken += body.advance(piece, 0, (from, to) => (payload += piece.toString("latin1", from, to)));
  }
  return { payload, taken, isDone: body.isDone, body };
}

test("ChunkedBody.advance() finds content and end for any chunks cut into any pieces", () => {
  const contents = fc.array(fc.string({ minLength: 1, maxLength: 40, unit: "binary-ascii" }));
  fc.assert(
    fc.property(contents, fc.integer({ min: 1, max: 30 }), (contents, pieceBytes) => {
      const text = `${contents.map((content) => `${content.length.toString(16)}\r\n${content}\r\n`).join("")}0\r\n\r\n`;
      const { payload, taken, isDone, body } = read(`${text}GET /`, pieceBytes);
      assert.equal(payload, contents.join(""));
      assert.equal(taken, text.length);
      assert.ok(isDone);
      assert.equal(body.payloadByteCount, payload.length);
    }),
    { numRuns: 200 },
  );
});

test("ChunkedBody.advance() takes trailers", () => {
  const text = "3\r\nabc\r\n00\r\nx-a: 1\r\ny: \r\n\r\n";
  const { payload, taken, isDone } = read(text, 1);
  assert.equal(payload, "abc");
  assert.equal(taken, text.length);
  assert.ok(isDone);
});

test("ChunkedBody tells trailers from what is passed on, however the body is cut into pieces", () => {
  const text = "3\r\nabc\r\n0\r\nx-a: 1\r\ncontent-length: 9\r\n\r\n";
  for (const withTrailers of [text, "3\r\nabc\r\n0\r\n\r\n"]) {
    for (let pieceBytes = 1; pieceBytes <= withTrailers.length; pieceBytes++) {
      const body = new ChunkedBody(options);
      const bytes = Buffer.from(withTrailers, "latin1");
      let passedOn = "";
      for (let start = 0; start < bytes.length; start += pieceBytes) {
        const piece = bytes.toString("latin1", start, start + pieceBytes);
        const end = body.advance(bytes.subarray(start, start + pieceBytes), 0);
        passedOn += piece.slice(0, body.trailersStart) + piece.slice(body.trailersEnd, end);
      }
      assert.equal(passedOn, "3\r\nabc\r\n0\r\n\r\n");
      assert.ok(body.isDone);
    }
  }
});

test("ChunkedBody.advance() refuses trailers where they are not allowed", () => {
  const over = { allowsTrailers: false };
  assert.ok(read("0\r\n\r\n", 5, over).isDone);
  assert.throws(() => read("0\r\nx-a: 1\r\n\r\n", 99, over), { status: 400 });
});

test("ChunkedBody.isBetweenChunks is true exactly where a chunk may begin", () => {
  for (const text of ["", "1\r\na\r\n"]) assert.ok(read(text, 1).body.isBetweenChunks, text);
  for (const text of ["1", "1\r", "1\r\n", "1\r\na", "1\r\na\r", "0\r\n", "0\r\n\r\n"]) {
    assert.ok(!read(text, 1).body.isBetweenChunks, text);
  }
});

const malformed = [
  "\r\n",
  "g\r\n",
  "-1\r\n",
  "+1\r\n",
  "0x1\r\n",
  " 1\r\n",
  "1 \r\n",
  "1\n",
  "1\r\r\n",
  "1\rX",
  ";a\r\n",
  "1;a\r\n",
  "1;\r\n",
  "1\r\nab\r\n",
  "1\r\na\n",
  "1\r\na0\r\n\r\n",
  "0\r\n\n",
  "0\r\n folded: 1\r\n\r\n",
  "0\r\nno colon\r\n\r\n",
  "0\r\n: x\r\n\r\n",
  "0\r\na: b\nc",
  "0\r\na: \u007f\r\n",
  "000000001\r\na\r\n",
  "ffffffffff\r\n",
  `0\r\na: ${"b".repeat(9_000)}`,
];

for (const text of malformed) {
  test(`ChunkedBody.advance() refuses ${JSON.stringify(text.slice(0, 40))}`, () => {
    assert.throws(() => read(text), { name: "Refusal", status: 400 });
    assert.throws(() => read(text, 1), { name: "Refusal", status: 400 });
  });
}

test("ChunkedBody.advance() takes content up to its limit and refuses a chunk past it", () => {
  const over = { payloadBytesMax: 4 };
  assert.ok(read("3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n", 99, over).isDone);
  assert.throws(() => read("3\r\nabc\r\n2\r\n", 99, over), { status: 413 });
  assert.throws(() => read("ffffffff\r\n", 99, over), { status: 413 });
});
