/** The test of the test: each fault that is put into the router is found, and for what it is. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type PlantedBug, plantedBugs } from "./planted-bugs.ts";
import { runSeed } from "./simulation.ts";

/** Worlds until a bug must have been found. */
const seedsMax = 400;

for (const bug of plantedBugs) {
  test(`runSeed() finds that ${bug.name}`, async () => {
    const found = await findBug(bug);
    assert.ok(found !== undefined, `not in ${seedsMax} worlds`);
    assert.ok(bug.invariants.includes(found.invariant), `${found.invariant}: ${found.detail}`);
  });
}

async function findBug({ inClasses, inCore }: PlantedBug) {
  const takeOut = inClasses?.();
  try {
    for (let seed = 1; seed <= seedsMax; seed++) {
      const { violations } = await runSeed(seed, inCore === undefined ? {} : { plant: inCore });
      if (violations.length > 0) return violations[0];
    }
  } finally {
    takeOut?.();
  }
  return undefined;
}
