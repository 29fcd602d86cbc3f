import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { isPenstockError, type PenstockError } from "../errors/mod.ts";
import { listKeys } from "./list-keys.ts";
import { loadConfig } from "./load-config.ts";
import { factsOf, type Files, load, readFrom } from "./test-support/load.ts";

/** The facts of the refusal of a configuration that must be refused. */
async function reportOf(words: string, files: Files = {}) {
  return await factsOf(
    words.split(" ").filter((word) => word !== ""),
    files,
  );
}

test("loadConfig() gives every key its default", async () => {
  const { config, provenance } = await load("");
  assert.equal(config.server.port, 8000);
  assert.equal(config.server.host, "127.0.0.1");
  assert.equal(config.model.name, "penstock/reverse-moe");
  assert.equal(config.model.max_model_len, null);
  assert.deepEqual(config.served_model_name, []);
  assert.equal(provenance.size, 0);
});

test("loadConfig() lets flags win over files, and later files over earlier ones", async () => {
  const files = {
    "base.toml": "seed = 1\n[server]\nport = 1\nhost = 'a'\n[parallel]\ndp = 2\n",
    "over.toml": "[server]\nport = 2\n",
  };
  const words = "--parallel.dp 4 @ base.toml @ over.toml";
  const { config, provenance } = await load(words, files);
  assert.deepEqual([config.server.host, config.server.port], ["a", 2]);
  assert.equal(config.parallel.dp, 4);
  assert.equal(config.seed, 1);
  const kinds = ["seed", "server.port", "parallel.dp"].map((path) => provenance.get(path)?.kind);
  assert.deepEqual(kinds, ["file", "file", "flag"]);
});

test("loadConfig() replaces lists whole", async () => {
  const files = {
    "a.toml": 'served_model_name = ["a", "b"]',
    "b.toml": 'served_model_name = ["c"]',
  };
  assert.deepEqual((await load("@ a.toml @ b.toml", files)).config.served_model_name, ["c"]);
});

test("loadConfig() understands every way to write a flag", async () => {
  const words =
    "--model ab --max-num-seqs 1_0 --kv_cache_memory_bytes None --dry-run --served-model-name x y";
  const { config } = await load(
    `${words} --server {"port":12} --parallel.dp=3 --embedded.threads 2`,
  );
  assert.equal(config.model.name, "ab");
  assert.equal(config.max_num_seqs, 10);
  assert.equal(config.kv_cache_memory_bytes, null);
  assert.equal(config.dry_run, true);
  assert.deepEqual(config.served_model_name, ["x", "y"]);
  assert.equal(config.server.port, 12);
  assert.equal(config.parallel.dp, 3);
  assert.equal((await load("--dry-run --no-dry-run")).config.dry_run, false);
  assert.equal((await load("--dry_run true")).config.dry_run, true);
  assert.deepEqual((await load('--served_model_name ["a","b"]')).config.served_model_name, [
    "a",
    "b",
  ]);
});

test("loadConfig() reads a file into one section, and tells it from a switch before a file", async () => {
  const files = { "server.toml": "port = 7", "base.toml": "seed = 3" };
  const { config } = await load("--dry-run @ base.toml --server @ server.toml", files);
  assert.equal(config.dry_run, true);
  assert.equal(config.seed, 3);
  assert.equal(config.server.port, 7);
});

test("loadConfig() takes a bare model as its name, kebab-case keys and None in files", async () => {
  const files = { "a.toml": 'model = "x"\nmax-num-seqs = 5\nkv_cache_memory_bytes = "None"' };
  const { config } = await load("@ a.toml", files);
  assert.equal(config.model.name, "x");
  assert.equal(config.max_num_seqs, 5);
  assert.equal(config.kv_cache_memory_bytes, null);
});

test("loadConfig() shows all mistakes together, each at its place", async () => {
  const files = {
    "base.toml": [
      'model = "m"',
      "gpu_speed = 3",
      "[server]",
      "prot = 8000",
      'port = "80a0"',
      "[parallel]",
      "dp = 0",
      "[router]",
      'policy = "round_robbin"',
      "[embedded]",
      "threads = [1]",
    ].join("\n"),
    "broken.toml": "[server\nport = 1",
  };
  const words =
    "@ base.toml @ broken.toml @ missing.toml stray --level 3 --engine embedded --parallel.tp 2 --no-server --seed -1 --dry-run maybe --router 7 --max-num-seqs";
  const { mistakeCount, report } = await reportOf(words, files);
  assert.equal(
    report,
    `  base.toml:2:1  gpu_speed
      Unknown key; an argument of vLLM itself goes below [vllm_extra]
  base.toml:4:1  server.prot
      Unknown key, did you mean "server.port"?
  base.toml:5:8  server.port = "80a0"
      Expected a whole number from 1 to 65535
  base.toml:7:6  parallel.dp = 0
      Expected a whole number from 1 to 65536
  base.toml:9:10  router.policy = "round_robbin"
      Expected one of "consistent_hash", "round_robin", "power_of_two", "sticky_least_loaded", did you mean "round_robin"?
  base.toml:11:11  embedded.threads = [1]
      Expected a whole number from 1 to 1024 or "None"
  broken.toml:1:8
      Invalid TOML: illegal character in key
  missing.toml
      Cannot read the file: there is no such file
  stray
      Expected "@ FILE" or "--key VALUE"
  --level
      Unknown key, did you mean "log.level"?
  --parallel.tp  2
      Expected 1: the embedded engine has no tensor parallelism, use parallel.dp for more ranks
  --no-server
      "server" cannot be switched off: it is not a switch
  --seed  -1
      Expected a whole number from 0 to 4294967295
  --dry-run  "maybe"
      Expected true or false
  --router  7
      Expected a table of keys
  --max-num-seqs
      Expected a value after it, found none`,
  );
  assert.equal(mistakeCount, 16);
});

test("loadConfig() reports a wrong value of a file that a flag sets anew", async () => {
  const { report } = await reportOf("@ a.toml --seed 1", { "a.toml": "seed = true" });
  assert.match(report, /a\.toml:1:8 {2}seed = true/);
});

test("loadConfig() tells when ports would not be there for every rank", async () => {
  const { report } = await reportOf("--server.port 65436 --parallel.dp 1");
  assert.match(report, /--server\.port {2}65436\n +Expected a port up to 65435: rank 0 .* 65536/);
  assert.equal((await load("--server.port 65435")).config.server.port, 65_435);
});

test("loadConfig() refuses tensor parallelism for the embedded engine", async () => {
  const { report } = await reportOf("--engine embedded --parallel.tp 2");
  assert.match(report, /--parallel\.tp {2}2\n +Expected 1: the embedded engine has no tensor/);
});

test("loadConfig() refuses files past the limits", async () => {
  const large = await reportOf("@ a.toml", { "a.toml": "#".repeat(1_048_577) });
  assert.match(large.report, /larger than 1048576 bytes/);
  const deep = await reportOf("@ a.toml", {
    "a.toml": `seed = ${"[".repeat(100)}${"]".repeat(100)}`,
  });
  assert.match(deep.report, /Invalid TOML/);
});

test("loadConfig() shows no control characters of what it was given", async () => {
  const { report } = await reportOf("@ a.toml", { "a.toml": '"\\u001b[31m" = 1' });
  assert.ok(!report.includes("\u001b"));
});

test("loadConfig() never lets keys reach the prototype of anything", async () => {
  await reportOf(
    '--__proto__.polluted 1 --constructor.prototype.polluted 1 --server {"__proto__":{"port":1}}',
  );
  await reportOf("@ a.toml", { "a.toml": "[__proto__]\npolluted = 1" });
  assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
});

test("loadConfig() reports whatever words it is given, and never crashes", async () => {
  const paths = listKeys().map(({ path }) => path);
  const word = fc.oneof(
    fc.constantFrom(
      ...paths.map((path) => `--${path}`),
      "--model",
      "--server",
      "@",
      "--no-dry-run",
      "--slurm",
      "--no-slurm",
      "--inference.router",
      "--vllm_extra.a.b",
      "--env_vars",
      "--tensor-parallel-size",
    ),
    fc.constantFrom(
      "a.toml",
      "b.toml",
      "None",
      "true",
      "1_000",
      "-1",
      "1e400",
      "[",
      "[1]",
      "{}",
      "--",
      "=",
    ),
    fc.string({ maxLength: 12 }),
    fc.json({ maxDepth: 2 }),
  );
  const files = { "a.toml": "[server]\nport = 1", "b.toml": "model = 1\nseed = []" };
  await fc.assert(
    fc.asyncProperty(fc.array(word, { maxLength: 8 }), (words) => isTakenOrReported(words, files)),
    { numRuns: 500 },
  );
});

test("loadConfig() reports whatever TOML it is given, and never crashes", async () => {
  const keys = listKeys().map(({ path }) => path);
  const key = fc.oneof(
    fc.constantFrom(...keys, "model", "server", "x.y", "inference", "inference.slurm", "router"),
    fc.constantFrom("trainer", "orchestrator.train.env", "deployment.num_infer_nodes", "pd_disagg"),
    fc.string({ maxLength: 5 }),
  );
  const value = fc.oneof(
    fc.constantFrom(
      "1",
      "-1",
      "1.5",
      "inf",
      "nan",
      "true",
      '"x"',
      "[]",
      "[1, 'a']",
      "{}",
      "{a = 1}",
    ),
    fc.constantFrom("1979-05-27", "99999999999999999999", '"None"', "{port = {}}", "[[[]]]"),
    fc.constantFrom(
      "{type = 'llm-d'}",
      "{type = 'multi_node'}",
      "[{num_workers = 2}]",
      "{x = {y = []}}",
    ),
    fc.string({ maxLength: 8 }),
  );
  const line = fc.oneof(
    fc.tuple(key, value).map(([name, text]) => `${name} = ${text}`),
    key.map((name) => `[${name}]`),
    fc.string({ maxLength: 20 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 6 }), (lines) =>
      isTakenOrReported(["@", "a.toml"], { "a.toml": lines.join("\n") }),
    ),
    { numRuns: 500 },
  );
});

async function isTakenOrReported(
  words: readonly string[],
  files: Readonly<Record<string, string>>,
): Promise<void> {
  try {
    const { config } = await loadConfig(words, readFrom(files));
    assert.ok(Object.isFrozen(config.server));
  } catch (error) {
    assert.ok(isPenstockError(error) && error.code === "CONFIG_INVALID", String(error));
    const { mistakeCount, report } = (error as PenstockError<"CONFIG_INVALID">).facts;
    assert.ok(mistakeCount > 0 && report.length > 0);
  }
}
