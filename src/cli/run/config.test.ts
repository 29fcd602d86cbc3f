import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { runPenstock } from "../../../test/support/run-penstock.ts";
import { scratchDirectory } from "../test-support/scratch-directory.ts";

test("penstock config says what every key is and where it comes from", async (context) => {
  const file = scratchDirectory(context, { "a.toml": 'model = "m"\n[server]\nport = 9000\n' })(
    "a.toml",
  );
  const { stdout, exitCode } = await runPenstock(["config", "@", file, "--parallel.dp", "2"]);
  assert.equal(exitCode, 0);
  const lines = stdout.split("\n");
  for (const line of [
    `name = "m" # ${file}:1:9`,
    `port = 9000 # ${file}:3:8`,
    "dp = 2 # --parallel.dp",
    'host = "127.0.0.1" # default',
  ])
    assert.ok(lines.includes(line), line);
});

test("penstock config prints what loads to the same configuration", async (context) => {
  const path = scratchDirectory(context, {});
  const words = [
    "--parallel.dp",
    "3",
    "--env-vars.A",
    "x",
    "--kv-cache-offload.cpu.num-bytes",
    "1_000",
  ];
  const first = await runPenstock(["config", ...words, "--engine", "vllm"]);
  assert.equal(first.exitCode, 0, first.stderr);
  writeFileSync(path("dump.toml"), first.stdout);
  const second = await runPenstock(["config", "@", path("dump.toml")]);
  const withoutOrigins = (text: string) => text.replaceAll(/ # .*/g, "");
  assert.equal(withoutOrigins(second.stdout), withoutOrigins(first.stdout));
});

test("penstock config --json prints values and origins by path", async () => {
  const { stdout } = await runPenstock([
    "config",
    "--server.port",
    "9000",
    "--json",
    "--env-vars.A",
    "x",
  ]);
  const { config, origins } = JSON.parse(stdout) as Record<"config" | "origins", never>;
  assert.equal(config["server"]["port"], 9000);
  assert.equal(origins["server.port"], "--server.port");
  assert.equal(origins["env_vars.A"], "--env-vars.A");
  assert.equal(origins["seed"], "default");
});

test("penstock config --schema prints the schema that is in the repository, and takes nothing else", async () => {
  const { stdout } = await runPenstock(["config", "--schema"]);
  const page = readFileSync("docs/reference/config.schema.json", "utf8");
  assert.deepEqual(JSON.parse(stdout), JSON.parse(page));
  const { exitCode, stderr } = await runPenstock(["config", "--schema", "@", "a.toml"]);
  assert.equal(exitCode, 2);
  assert.match(stderr, /--schema takes no further words, found "@"\n/);
});

test("penstock config shows all mistakes with exit code 2, and prints nothing", async () => {
  const { stdout, stderr, exitCode } = await runPenstock(["config", "--prot", "1", "--seed", "x"]);
  assert.equal(exitCode, 2);
  assert.equal(stdout, "");
  assert.match(stderr, /it has 2 mistakes/);
});
