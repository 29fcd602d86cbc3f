import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./test-support/load.ts";
import { toToml } from "./to-toml.ts";

test("toToml() writes every key, and None where a key has no value", async () => {
  const { config } = await load("--served-model-name a b");
  const text = toToml(config);
  assert.match(text, /^engine = "auto"\nserved_model_name = \["a", "b"\]\nseed = 0\n/);
  assert.match(text, /\nslurm = "None"\n/);
  assert.match(
    text,
    /\n\[router\]\ntype = "penstock"\npolicy = "consistent_hash"\nsession_headers = "None"\n/,
  );
  assert.match(text, /\n\[vllm_extra\]\n/);
});

test("toToml() puts a comment behind a key", async () => {
  const { config } = await load("");
  const text = toToml(config, (path) => (path === "server.port" ? "from\nhere\u0007" : undefined));
  assert.match(text, /\nport = 8000 # from here \n/);
  assert.equal(text.match(/#/g)?.length, 1);
});

test("toToml() writes what JSON can hold so that it reads the same", async () => {
  const value = {
    "a b": { list: [1, { x: null, "y.z": [] }, 't"\\\u007f\u0001ü'], none: null },
    numbers: [1e300, -0, 0.1, 1e20, 9_007_199_254_740_991],
    empty: {},
    flag: false,
  };
  const words = ["--vllm-extra.x", JSON.stringify(value)].join(" ").replaceAll("a b", "a\u00a0b");
  const { config } = await load(words);
  const again = await load("@ a.toml", { "a.toml": toToml(config) });
  assert.deepEqual(again.config, config);
});
