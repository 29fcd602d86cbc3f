import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Roster, type Seated } from "./roster.ts";

test("Roster holds what a Set would hold", () => {
  const step = fc.record({ adds: fc.boolean(), which: fc.nat({ max: 9 }) });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const members = Array.from({ length: 10 }, (): Seated => ({ seat: -1 }));
      const roster = new Roster<Seated>();
      const model = new Set<Seated>();
      for (const { adds, which } of steps) {
        const member = members[which]!;
        if (adds) {
          roster.add(member);
          model.add(member);
        } else {
          roster.delete(member);
          model.delete(member);
        }
        const seen = new Set<Seated>();
        roster.forEach((each) => seen.add(each));
        assert.deepEqual(seen, model);
        assert.equal(roster.size, model.size);
      }
    }),
  );
});

test("Roster.forEach() leaves out who left before their turn", () => {
  const roster = new Roster<Seated>();
  const members = Array.from({ length: 3 }, (): Seated => ({ seat: -1 }));
  for (const member of members) roster.add(member);
  let count = 0;
  roster.forEach(() => {
    count++;
    for (const member of members) roster.delete(member);
  });
  assert.equal(count, 1);
});
