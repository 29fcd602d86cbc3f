import assert from "node:assert/strict";
import { test } from "node:test";
import { shareOf } from "./share.ts";

test("shareOf() covers every item once, in whole units", () => {
  for (const count of [1, 2, 3, 7])
    for (const size of [0, 1, 8, 30, 64, 151_937])
      for (const unit of [1, 8]) {
        let next = 0;
        for (let index = 0; index < count; index++) {
          const { start, end } = shareOf({ index, count }, size, unit);
          assert.equal(start, next);
          assert(start % unit === 0 || start === size);
          next = end;
        }
        assert.equal(next, size);
      }
});
