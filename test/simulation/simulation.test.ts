/** The router's own logic in simulated worlds: `npm run simulate -- SEED` replays one. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { runSeed } from "./simulation.ts";

const root = join(import.meta.dirname, "..", "..");
const seedCount = 1_000;
const processCount = 2;

test("npm run simulate finds nothing wrong in a thousand worlds", async () => {
  const share = seedCount / processCount;
  const runs = Array.from({ length: processCount }, (_, index) =>
    simulate(1 + index * share, share),
  );
  for (const { code, output } of await Promise.all(runs)) {
    assert.match(output, /^500 seeds, \d{4,} requests: 0 seeds failed\n$/);
    assert.equal(code, 0);
  }
});

test("runSeed() does the same for the same seed, to the byte", async () => {
  for (const seed of [7, 8, 9, 10]) {
    const first = await runSeed(seed, { isTracing: true });
    const second = await runSeed(seed, { isTracing: true });
    assert.ok(first.lines.length > 30);
    assert.deepEqual(first.lines, second.lines);
    assert.equal(first.hash, second.hash);
    assert.equal((await runSeed(seed)).hash, first.hash);
    assert.notEqual((await runSeed(seed + 1)).hash, first.hash);
  }
});

async function simulate(seed: number, count: number): Promise<{ code: number; output: string }> {
  const words = [join(root, "tools", "simulate.ts"), String(seed), "--seeds", String(count)];
  const child = spawn(process.execPath, words, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  const code = await new Promise<number>((resolve) =>
    child.on("close", (code) => resolve(code ?? 1)),
  );
  return { code, output };
}
