import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { HeadScanner } from "./head-scanner.ts";
import { Refusal } from "./refusal.ts";

const head = "GET / HTTP/1.1\r\nhost: x\r\nname: v\u00e4lue\r\n\r\n";

test("HeadScanner.scan() gives the index behind the head and its text without the empty line", () => {
  const scanner = new HeadScanner(1_000);
  assert.equal(scanner.scan(Buffer.from(`__${head}body`, "latin1"), 2), 2 + head.length);
  assert.equal(scanner.text, head.slice(0, -4));
  assert.equal(scanner.isInside, false);
});

test("HeadScanner.scan() finds the same head however it is cut into pieces", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 60 }), (sizes) => {
      const bytes = Buffer.from(`${head}rest`, "latin1");
      const scanner = new HeadScanner(1_000);
      let start = 0;
      for (const size of [...sizes, bytes.length]) {
        const piece = bytes.subarray(start, start + size);
        const end = scanner.scan(piece, 0);
        if (end !== -1) {
          assert.equal(start + end, head.length);
          assert.equal(scanner.text, head.slice(0, -4));
          return;
        }
        start += size;
        assert.equal(scanner.isInside, true);
      }
      assert.fail("no head was found");
    }),
    { numRuns: 200 },
  );
});

test("HeadScanner.scan() takes a head of exactly its limit and refuses one byte more", () => {
  assert.equal(new HeadScanner(head.length).scan(Buffer.from(head, "latin1"), 0), head.length);
  const scanner = new HeadScanner(head.length - 1);
  assertRefuses(431, () => scanner.scan(Buffer.from(head, "latin1"), 0));
});

test("HeadScanner.scan() refuses a head past its limit that comes byte by byte", () => {
  const scanner = new HeadScanner(8);
  for (let count = 0; count < 8; count++) assert.equal(scanner.scan(Buffer.from("a"), 0), -1);
  assertRefuses(431, () => scanner.scan(Buffer.from("a"), 0));
});

test("HeadScanner.scan() refuses bare line ends and control bytes as soon as they come", () => {
  for (const text of ["GET / HTTP/1.1\n", "GET /\rx", "a\0b", "a\u007fb", "a\u000bb", "\r\r\n"]) {
    const scanner = new HeadScanner(1_000);
    assertRefuses(400, () => scanner.scan(Buffer.from(text, "latin1"), 0));
  }
});

test("HeadScanner.scan() judges each of the 256 bytes alike wherever it stands in a line", () => {
  for (let byte = 0; byte < 256; byte++) {
    const isTaken = byte === 0x09 || (byte >= 0x20 && byte !== 0x7f);
    for (let at = 0; at < 9; at++) {
      const bytes = Buffer.from(`${"a".repeat(at)}?${"a".repeat(8 - at)}\r\n\r\n`, "latin1");
      bytes[at] = byte;
      const scan = () => new HeadScanner(1_000).scan(bytes, 0);
      if (isTaken) assert.equal(scan(), bytes.length);
      else assertRefuses(400, scan);
    }
  }
});

function assertRefuses(status: number, run: () => unknown): void {
  assert.throws(run, (error) => error instanceof Refusal && error.status === status);
}
