import assert from "node:assert/strict";
import { test } from "node:test";
import { GatheredBytes } from "./gathered-bytes.ts";

test("GatheredBytes gives all that came, in order, and then begins anew", () => {
  const gathered = new GatheredBytes();
  assert.equal(gathered.take().length, 0);
  const sizes = [1, 0, 4_095, 1, 100_000, 3];
  for (const [index, size] of sizes.entries()) gathered.push(Buffer.alloc(size, index));
  assert.equal(gathered.length, 104_100);
  const wanted = Buffer.concat(sizes.map((size, index) => Buffer.alloc(size, index)));
  assert.deepEqual(gathered.take(), wanted);
  gathered.push(Buffer.from("x"));
  assert.equal(gathered.take().toString(), "x");
});

test("GatheredBytes keeps no piece and at most twice the bytes", () => {
  const gathered = new GatheredBytes();
  const piece = Buffer.from("a");
  for (let count = 0; count < 10_000; count++) gathered.push(piece);
  piece.fill("b");
  const bytes = gathered.take();
  assert.equal(bytes.toString(), "a".repeat(10_000));
  assert.ok(bytes.buffer.byteLength <= 20_000);
});
