import assert from "node:assert/strict";
import { test } from "node:test";
import { Lease } from "../ranks/lease.ts";
import { RankTable } from "../ranks/rank-table.ts";
import { rankFigures } from "./rank-figures.ts";

test("rankFigures() tells what each rank does and how it is", () => {
  const table = new RankTable([
    { index: 7, url: "http://a" },
    { index: 9, url: "http://b" },
  ]);
  table.note(1, { kind: "ready" }, 1);
  const leases = [new Lease(table, 1), new Lease(table, 1), new Lease(table, 1, "prefill")];
  leases[0]!.noteFirstByte(true);
  const pick = () =>
    rankFigures(table).map(({ index, role, state, inFlight, prefilling, decoding, streams }) => [
      index,
      role,
      state,
      [inFlight, prefilling, decoding, streams],
    ]);
  assert.deepEqual(pick(), [
    [7, "both", "starting", [0, 0, 0, 0]],
    [9, "both", "up", [3, 2, 1, 1]],
  ]);
  for (const lease of leases) lease.release();
  table.drain(1);
  table.remove(0);
  assert.deepEqual(pick(), [[9, "both", "draining", [0, 0, 0, 0]]]);
});
