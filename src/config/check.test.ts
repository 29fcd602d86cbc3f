import assert from "node:assert/strict";
import { test } from "node:test";
import { check } from "./check.ts";
import { makeKeyTree } from "./key-tree.ts";
import type { Assignment } from "./origin.ts";
import { configSchema } from "./schema/config.ts";

const root = makeKeyTree(configSchema);
const set = (path: string, value: unknown): Assignment => ({
  path: path.split("."),
  value,
  origin: { kind: "flag", flag: `--${path}`, order: 0 },
});

test("check() lets later assignments win and freezes the result", () => {
  const { config, problems } = check(root, [set("seed", 1), set("seed", 2)]);
  assert.deepEqual(problems, []);
  assert.equal(config.seed, 2);
  assert.ok(Object.isFrozen(config) && Object.isFrozen(config.served_model_name));
});

test("check() asks rules only about keys that are right by themselves", () => {
  const { problems } = check(root, [
    set("engine", "embedded"),
    set("parallel.tp", 4),
    set("server.port", "x"),
  ]);
  assert.deepEqual(
    problems.map(({ path }) => path),
    ["server.port", "parallel.tp"],
  );
  const { problems: fewer } = check(root, [set("engine", "embedded"), set("parallel.tp", "x")]);
  assert.deepEqual(
    fewer.map(({ path }) => path),
    ["parallel.tp"],
  );
});

test("check() shows a broken rule at the key that the user set", () => {
  const { problems } = check(root, [set("server.port", 65_400), set("parallel.dp", 99)]);
  assert.equal(problems[0]?.path, "server.port");
  const [onlyDp] = check(root, [set("parallel.dp", 1024), set("server.port", 64_900)]).problems;
  assert.equal(onlyDp?.value, 64_900);
});
