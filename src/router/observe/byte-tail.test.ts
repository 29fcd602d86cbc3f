import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../choose/seeded-random.ts";
import { ByteTail, tailBytesMax } from "./byte-tail.ts";

test("ByteTail keeps the end of what passes, however it is cut", () => {
  const random = seededRandom(1);
  const whole = Buffer.from(Array.from({ length: 40_000 }, () => random() & 255));
  for (const sizeMax of [1, 7, 300, 4_095, 4_096, 4_097, 10_000, 40_000]) {
    const tail = new ByteTail();
    tail.push(Buffer.from("of another body"), 3, 9);
    tail.clear();
    let end = 0;
    while (end < whole.length) {
      const next = Math.min(whole.length, end + 1 + (random() % sizeMax));
      const padded = Buffer.concat([
        Buffer.from("##"),
        whole.subarray(end, next),
        Buffer.from("#"),
      ]);
      tail.push(padded, 2, 2 + next - end);
      end = next;
      const kept = whole.subarray(Math.max(0, end - tailBytesMax), end);
      assert.ok(tail.read().equals(kept), `${sizeMax} ${end}`);
    }
    assert.equal(tail.byteCount, whole.length);
  }
});
