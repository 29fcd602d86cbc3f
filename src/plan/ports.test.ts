import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { PortBook } from "./ports.ts";

test("PortBook.take() counts up from the base on each node, past what is taken", () => {
  const book = new PortBook();
  book.fix(0, 8101);
  assert.deepEqual(
    [1, 2, 3].map(() => book.take(0, 8100)),
    [8100, 8102, 8103],
  );
  assert.equal(book.take(1, 8100), 8100);
});

test("PortBook.take() finds neighbours that are free together", () => {
  const book = new PortBook();
  book.fix(0, 14_581);
  assert.equal(book.take(0, 14_579, { count: 4 }), 14_582);
  assert.equal(book.take(0, 14_579, { count: 2 }), 14_586);
});

test("PortBook.takeEverywhere() finds a port that is free on every node", () => {
  const book = new PortBook();
  book.fix(0, 8080);
  book.fix(2, 8081);
  assert.equal(book.takeEverywhere(3, 8080), 8082);
  assert.equal(book.take(1, 8082), 8083);
  assert.throws(() => [1, 2].map(() => book.takeEverywhere(3, 65_535)), { code: "PORTS_USED_UP" });
});

test("PortBook.take() refuses at the last port", () => {
  const book = new PortBook();
  assert.equal(book.take(0, 65_534, { count: 2 }), 65_534);
  assert.throws(() => book.take(0, 65_534), { code: "PORTS_USED_UP" });
  assert.throws(() => new PortBook().take(3, 65_000, { count: 1_000 }), { code: "PORTS_USED_UP" });
});

test("PortBook.take() passes over ports that others listen on, unless the base is fixed", () => {
  const book = new PortBook({ busyPorts: [8100, 8102] });
  assert.equal(book.take(0, 8100), 8101);
  assert.equal(book.take(0, 8101), 8103);
  assert.equal(book.take(1, 8100, { count: 2, isFixed: true }), 8100);
  assert.equal(book.take(1, 8100, { isFixed: true }), 8102);
  assert.equal(book.takeEverywhere(2, 8102), 8104);
});

test("PortBook gives a port once where all nodes are one machine", () => {
  const book = new PortBook({ isOneMachine: true });
  book.fix(0, 8000);
  assert.deepEqual([book.take(0, 8000), book.take(1, 8000)], [8001, 8002]);
  assert.equal(book.takeEverywhere(3, 8001), 8003);
});

test("PortBook gives no port of a node twice, whatever is asked for", () => {
  const request = fc.record({
    node: fc.integer({ min: 0, max: 2 }),
    base: fc.integer({ min: 1, max: 40 }),
    count: fc.integer({ min: 1, max: 5 }),
  });
  fc.assert(
    fc.property(fc.array(request, { maxLength: 60 }), (requests) => {
      const book = new PortBook();
      const given = requests.flatMap(({ node, base, count }) => {
        const first = book.take(node, base, { count });
        return Array.from({ length: count }, (_, index) => `${node}:${first + index}`);
      });
      assert.equal(new Set(given).size, given.length);
    }),
  );
});
