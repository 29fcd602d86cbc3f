import assert from "node:assert/strict";
import { test } from "node:test";
import { listKeys } from "../../config/mod.ts";
import { configFlags } from "./config.ts";
import { planFlags } from "./plan.ts";
import { takeOwnFlags } from "./take-own-flags.ts";

const flags = { json: "switch", gpu: "value" } as const;

test("takeOwnFlags() finds its flags wherever they stand and leaves the rest in order", () => {
  const words = [
    "@",
    "a.toml",
    "--json",
    "--served-model-name",
    "x",
    "--gpu",
    "L4",
    "y",
    "--seed=1",
  ];
  assert.deepEqual(takeOwnFlags(words, flags), {
    own: { json: true, gpu: "L4" },
    words: ["@", "a.toml", "--served-model-name", "x", "y", "--seed=1"],
  });
  assert.deepEqual(takeOwnFlags(["--toString", "json", "-json"], flags).own, {});
});

test("takeOwnFlags() asks for a value that is missing", () => {
  for (const words of [["--gpu"], ["--gpu", "--json"]])
    assert.throws(() => takeOwnFlags(words, flags), { code: "COMMAND_INVALID" });
});

test("no key of the configuration has the name of a command's own flag", () => {
  const names = new Set(listKeys().map(({ path }) => path.split(".")[0]));
  for (const name of Object.keys({ ...configFlags, ...planFlags }))
    assert.ok(!names.has(name), name);
});
