import assert from "node:assert/strict";
import { test } from "node:test";
import type { HealthSign } from "./rank-health.ts";
import { RankSilence } from "./rank-silence.ts";

const unreached: HealthSign = { kind: "unreachable", reason: "no answer", isSilent: true };
const mute: HealthSign = { kind: "failed", reason: "no answer", isSilent: true };
const refused: HealthSign = { kind: "unreachable", reason: "ECONNREFUSED" };
const limits = { unreachedMsMax: 30, muteMsMax: 100 };

/** Probes ten milliseconds apart: after which of them the rank is lost, and why. */
function losses(...signs: readonly HealthSign[]): readonly (readonly [number, string])[] {
  const silence = new RankSilence(limits);
  return signs.flatMap((sign, index) => {
    const reason = silence.note(sign, 10);
    return reason === undefined ? [] : [[index + 1, reason] as const];
  });
}

const times = (count: number, sign: HealthSign) => Array.from({ length: count }, () => sign);

test("RankSilence.note() tells once that a machine has not answered for too long", () => {
  assert.deepEqual(losses(...times(9, unreached)), [[3, "its machine does not answer"]]);
  assert.deepEqual(losses(...times(2, unreached)), []);
});

test("RankSilence.note() gives a process whose machine answers more time", () => {
  assert.deepEqual(losses(...times(12, mute)), [[10, "its process does not answer"]]);
  const connected = [...times(2, unreached), mute, ...times(2, unreached)];
  assert.deepEqual(losses(...connected), []);
});

test("RankSilence.note() begins anew after whatever came back", () => {
  for (const sign of [{ kind: "ready" } as const, refused]) {
    const signs: readonly HealthSign[] = [...times(2, unreached), sign, ...times(3, unreached)];
    assert.deepEqual(losses(...signs), [[6, "its machine does not answer"]]);
  }
});

test("RankSilence.end() begins anew, and a rank can be lost again", () => {
  const silence = new RankSilence(limits);
  for (let count = 0; count < 2; count++) {
    assert.equal(silence.note(unreached, 29), undefined);
    assert.equal(silence.note(unreached, 1), "its machine does not answer");
    silence.end();
  }
});
