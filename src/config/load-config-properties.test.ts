import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { isTable } from "../base/mod.ts";
import { isPenstockError } from "../errors/mod.ts";
import { dotted } from "./dotted-path.ts";
import { loadConfig, type LoadedConfig } from "./load-config.ts";
import { type Files, readFrom } from "./test-support/load.ts";
import { randomFlag, randomFlags } from "./test-support/random-words.ts";
import { toToml } from "./to-toml.ts";

/** Undefined for a configuration that is refused. */
async function tryLoad(
  words: readonly string[],
  files: Files = {},
): Promise<LoadedConfig | undefined> {
  try {
    return await loadConfig(words, readFrom(files));
  } catch (error) {
    assert.ok(isPenstockError(error) && error.code === "CONFIG_INVALID", String(error));
    return undefined;
  }
}

test("loadConfig() of a resolved configuration's dump gives the same configuration", async () => {
  let takenCount = 0;
  await fc.assert(
    fc.asyncProperty(randomFlags, async (words) => {
      const loaded = await tryLoad(words);
      if (loaded === undefined) return;
      takenCount++;
      const text = toToml(loaded.config);
      const again = await loadConfig(["@", "a.toml"], readFrom({ "a.toml": text }));
      assert.deepEqual(again.config, loaded.config);
      assert.equal(toToml(again.config), text);
    }),
    { numRuns: 300 },
  );
  assert.ok(takenCount > 15, `${takenCount} of 300 were taken`);
});

test("loadConfig() leaves keys alone that an overlay does not name", async () => {
  let takenCount = 0;
  await fc.assert(
    fc.asyncProperty(randomFlags, randomFlag, async (words, overlay) => {
      const before = await tryLoad(words);
      const after = await tryLoad([...words, overlay]);
      if (before === undefined || after === undefined) return;
      takenCount++;
      for (const path of changedPaths(before, after))
        assert.ok(isExplained(path, overlay, before, after), `${overlay} changed ${path}`);
    }),
    { numRuns: 300 },
  );
  assert.ok(takenCount > 15, `${takenCount} of 300 were taken`);
});

function changedPaths(before: LoadedConfig, after: LoadedConfig): readonly string[] {
  const [a, b] = [flatten(before.config), flatten(after.config)];
  return [...new Set([...a.keys(), ...b.keys()])].filter((path) => a.get(path) !== b.get(path));
}

function flatten(config: unknown, path: readonly string[] = []): ReadonlyMap<string, string> {
  if (!isTable(config)) return new Map([[dotted(path), JSON.stringify(config)]]);
  const below = Object.entries(config).map(([key, value]) => flatten(value, [...path, key]));
  return new Map(below.flatMap((map) => [...map]));
}

// oxlint-disable-next-line max-params -- the four facts of one comparison
function isExplained(
  path: string,
  overlay: string,
  before: LoadedConfig,
  after: LoadedConfig,
): boolean {
  const named = overlay.slice(2, overlay.indexOf("="));
  const isBelow = path === named || path.startsWith(`${named}.`);
  // A section's variant decides which keys it has, and an optional section is there once something in it is named.
  const [section] = named.split(".");
  const isSection = path === section || path.startsWith(`${section}.`);
  const isRuled = (key: string) =>
    [before, after].map(({ provenance }) => provenance.get(key)?.kind).includes("rule");
  const [whole] = path.split(".");
  const byRule = isRuled(path) || isRuled(whole!) || isRuled(`${whole}.type`);
  const isVariant = named.endsWith(".type") || isOptional(section!, before);
  return isBelow || byRule || (isSection && isVariant);
}

function isOptional(section: string, { config }: LoadedConfig): boolean {
  return (config as Readonly<Record<string, unknown>>)[section] === null;
}
