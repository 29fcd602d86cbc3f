import assert from "node:assert/strict";
import { test } from "node:test";
import { assign, unknownKey } from "./assign.ts";
import { makeForms } from "./forms.ts";
import { makeKeyTree } from "./key-tree.ts";
import type { Origin } from "./origin.ts";
import { configSchema } from "./schema/config.ts";

const root = makeKeyTree(configSchema);
const originAt = (keys: readonly string[]): Origin => ({
  kind: "flag",
  flag: keys.join("/"),
  order: 0,
});

test("assign() takes a table apart into its keys, each with its own origin", () => {
  const value = { server: { port: 1 }, "max-num-seqs": 2, model: "x" };
  const { values, problems } = assign(root, { node: root, value, originAt });
  assert.deepEqual(problems, []);
  assert.deepEqual(values, [
    { path: ["server", "port"], value: 1, origin: originAt(["server", "port"]) },
    { path: ["max_num_seqs"], value: 2, origin: originAt(["max-num-seqs"]) },
    { path: ["model", "name"], value: "x", origin: originAt(["model"]) },
  ]);
});

test("assign() reports unknown keys and values in place of sections, and keeps the rest", () => {
  const value = { server: 3, log: { levl: "x" }, seed: 4 };
  const { values, problems } = assign(root, { node: root, value, originAt });
  assert.deepEqual(
    values.map(({ path }) => path.join(".")),
    ["seed"],
  );
  assert.deepEqual(
    problems.map(({ path, message }) => [path, message]),
    [
      ["server", "Expected a table of keys"],
      ["log.levl", 'Unknown key, did you mean "log.level"?'],
    ],
  );
});

test("unknownKey() finds a key whose section is missing, and is silent about far ones", () => {
  const { standalone } = makeForms(root);
  const suggest = (path: string) => unknownKey(standalone, path.split("."), originAt([])).message;
  assert.equal(suggest("level"), 'Unknown key, did you mean "log.level"?');
  assert.equal(suggest("servr.prot"), 'Unknown key, did you mean "server.port"?');
  assert.equal(
    suggest("parallel.tensor-parallel-size"),
    'Unknown key, did you mean "parallel.tp"?',
  );
  assert.equal(suggest("max_model_length"), 'Unknown key, did you mean "model.max_model_len"?');
  assert.equal(
    suggest("policy"),
    'Unknown key, did you mean "router.policy" or "eplb_config.policy"?',
  );
  assert.equal(suggest("parallel.zz"), "Unknown key");
  assert.equal(suggest("kv_cache_offload.zz"), "Unknown key");
  assert.equal(
    suggest("quantization"),
    "Unknown key; an argument of vLLM itself goes below [vllm_extra]",
  );
});
