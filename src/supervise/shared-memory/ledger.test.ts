import assert from "node:assert/strict";
import { test } from "node:test";
import { type Listing, looksMax, SharedMemoryLedger } from "./ledger.ts";

const listing = (files: Readonly<Record<string, number>>): Listing =>
  new Map(Object.entries(files));

function using(uses: Readonly<Record<string, readonly string[]>>) {
  return new Map(Object.entries(uses).map(([owner, paths]) => [owner, new Set(paths)]));
}

test("SharedMemoryLedger owns new files that our processes use, and no others", () => {
  const ledger = new SharedMemoryLedger(listing({ "/dev/shm/old": 1 }));
  const now = listing({ "/dev/shm/old": 1, "/dev/shm/a": 2, "/dev/shm/foreign": 3 });
  assert.ok(ledger.hasNews(now));
  ledger.note(now, using({ x: ["/dev/shm/old", "/dev/shm/a"] }));
  assert.deepEqual(ledger.files, [{ path: "/dev/shm/a", inode: 2 }]);
});

test("SharedMemoryLedger looks at a file some times and then leaves it alone", () => {
  const ledger = new SharedMemoryLedger(listing({}));
  const now = listing({ "/dev/shm/foreign": 3 });
  for (let look = 0; look < looksMax; look++) {
    assert.ok(ledger.hasNews(now));
    ledger.note(now, using({}));
  }
  assert.ok(!ledger.hasNews(now));
  ledger.note(now, using({ x: ["/dev/shm/foreign"] }));
  assert.deepEqual(ledger.files, [], "somebody else's, though used here later");
  assert.ok(ledger.hasNews(listing({ "/dev/shm/foreign": 4 })), "another file of that name");
});

test("SharedMemoryLedger.release() gives what the last owner leaves", () => {
  const ledger = new SharedMemoryLedger(listing({}));
  const now = listing({ "/dev/shm/a": 1, "/dev/shm/both": 2 });
  ledger.note(now, using({ x: ["/dev/shm/a", "/dev/shm/both"], y: ["/dev/shm/both"] }));
  assert.deepEqual(ledger.release("x"), [{ path: "/dev/shm/a", inode: 1 }]);
  assert.deepEqual(ledger.release("y"), [{ path: "/dev/shm/both", inode: 2 }]);
  assert.deepEqual(ledger.release("y"), []);
});

test("SharedMemoryLedger forgets a file that is gone, also when another takes its name", () => {
  const ledger = new SharedMemoryLedger(listing({}));
  ledger.note(listing({ "/dev/shm/a": 1 }), using({ x: ["/dev/shm/a"] }));
  ledger.note(listing({ "/dev/shm/a": 2 }), using({}));
  assert.deepEqual(ledger.files, []);
});
