import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isPenstockError } from "../../errors/mod.ts";
import { kvConnectorNames } from "./kv-connectors.ts";
import type { DataParallelLaunch } from "./data-parallel.ts";
import type { VllmServeOptions } from "./options.ts";
import { checkVllmServe, vllmServe } from "./vllm-serve.ts";

const options: VllmServeOptions = { version: "0.33.0", model: "m", isMoe: false, port: 8000 };

test("vllmServe() needs no more than a model and a port", () => {
  assert.deepEqual(vllmServe({ ...options, version: "0.26.0" }), {
    argv: ["vllm", "serve", "m", "--port", "8000", "--tensor-parallel-size", "1"],
    env: {},
    notices: [],
  });
});

test("vllmServe() asks for the token endpoints where they are closed otherwise", () => {
  const has = (version: string, enableScaleOut?: boolean): boolean =>
    vllmServe({
      ...options,
      version,
      ...(enableScaleOut === undefined ? {} : { enableScaleOut }),
    }).argv.includes("--enable-scale-out");
  assert.deepEqual([has("0.29.0"), has("0.30.0"), has("0.30.0", false)], [false, true, false]);
});

test("vllmServe() turns tool choice on with its parser", () => {
  assert.match(
    vllmServe({ ...options, toolCallParser: "hermes" }).argv.join(" "),
    /--enable-auto-tool-choice --tool-call-parser hermes/,
  );
});

test("vllmServe() schedules synchronously where routed experts need it", () => {
  const synchronous = ["0.20.2", "0.21.0", "0.22.0"].filter((version) =>
    vllmServe({ ...options, version, enableReturnRoutedExperts: true }).argv.includes(
      "--no-async-scheduling",
    ),
  );
  assert.deepEqual(synchronous, ["0.21.0"]);
});

test("vllmServe() starts the program it is told", () => {
  const { argv } = vllmServe({ ...options, command: ["python", "-m", "x"] });
  assert.deepEqual(argv.slice(0, 4), ["python", "-m", "x", "m"]);
});

test("vllmServe() tells of a rounded rank and of a release that is newer than known", () => {
  const lora = { maxLoraRank: 9, allowRuntimeUpdating: false };
  const { notices } = vllmServe({ ...options, version: "0.99.0", lora });
  assert.equal(notices.length, 2);
  assert.match(notices.join("\n"), /0\.99\.0 is newer[\s\S]*9 is rounded up to 16/);
});

test("vllmServe() throws VLLM_COMMAND_NOT_WRITABLE with all mistakes together", () => {
  const wrong: VllmServeOptions = {
    ...options,
    version: "0.1.0",
    model: "-m",
    envVars: { VLLM_PORT: "1" },
    vllmExtra: { port: 9 },
  };
  assert.deepEqual(
    checkVllmServe(wrong).map(({ option }) => option),
    ["version", "model", "envVars.VLLM_PORT", "vllmExtra.port"],
  );
  assert.throws(
    () => vllmServe(wrong),
    (error) =>
      isPenstockError(error) &&
      error.code === "VLLM_COMMAND_NOT_WRITABLE" &&
      /4 mistakes\n {2}vllm\.version: .*\n {2}model\.name: /.test(error.message),
  );
});

test("vllmServe() refuses arguments that no system would carry", () => {
  const found = (vllmExtra: VllmServeOptions["vllmExtra"]): readonly string[] =>
    checkVllmServe({ ...options, ...(vllmExtra === undefined ? {} : { vllmExtra }) }).map(
      ({ message }) => message,
    );
  assert.deepEqual(found({ x: "a\0b" }), ["Expected a text without control characters"]);
  assert.deepEqual(found({ x: "a".repeat(131_072) }), [
    "Expected at most 131071 bytes in one argument",
  ]);
  assert.deepEqual(found({ x: "a".repeat(131_071) }), []);
  assert.deepEqual(found({ x: "line\nline" }), []);
});

const launches: fc.Arbitrary<DataParallelLaunch> = fc
  .record({
    pattern: fc.constantFrom("internal", "internal-nodes", "hybrid", "external"),
    count: fc.integer({ min: 1, max: 4 }),
    sizeLocal: fc.integer({ min: 1, max: 4 }),
    index: fc.nat(3),
  })
  .map(({ pattern, count, sizeLocal, index }) => {
    const size = count * sizeLocal;
    const meeting = { address: "{node:0}", rpcPort: 29_550 };
    if (pattern === "internal") return { pattern, size };
    if (pattern === "external") return { pattern, size, rank: index % size, ...meeting };
    return { pattern, size, sizeLocal, startRank: (index % count) * sizeLocal, ...meeting };
  });

/** Nine times of ten the tame values, so that many commands can be written and many cannot. */
function mostly<T>(tame: readonly T[], wild: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...tame) },
    { weight: 1, arbitrary: wild },
  );
}

const transfers = fc.record({
  config: fc.record({
    kv_connector: fc.constantFrom("NixlConnector", "MooncakeConnector", ...kvConnectorNames),
    kv_role: fc.constant("kv_both" as const),
    engine_id: fc.option(mostly(["p"], fc.string())),
    kv_rank: fc.option(fc.nat()),
    kv_connector_extra_config: fc.option(fc.dictionary(fc.string(), fc.jsonValue())),
  }),
  leaseSeconds: fc.option(fc.nat()),
});

const anything = fc.record({
  version: fc.option(
    mostly(["0.20.0", "0.22.1", "0.24.0", "0.30.0", "0.33.0", "7.0.0"], fc.string()),
  ),
  model: mostly(["m", "org/model-1.5"], fc.string()),
  isMoe: mostly([true], fc.boolean()),
  port: fc.nat(65_535),
  servedModelNames: fc.array(mostly(["a", "b"], fc.string()), { maxLength: 3 }),
  maxModelLen: fc.option(fc.nat()),
  enforceEager: fc.option(fc.boolean()),
  launch: fc.option(launches),
  enableExpertParallel: fc.boolean(),
  enableEplb: mostly([false], fc.boolean()),
  all2allBackend: fc.option(mostly(["naive", "mori"], fc.constantFrom("deepep_v2", "nonsense"))),
  kvTransfer: fc.option(transfers),
  kvCacheOffload: fc.option(fc.record({ cpuBytes: fc.nat(), diskPath: fc.option(fc.string()) })),
  envVars: fc.dictionary(mostly(["UCX_TLS", "A"], fc.string()), mostly(["1", "x y"], fc.string())),
  vllmExtra: fc.dictionary(
    mostly(["a_b", "c-d", "hf_overrides", "no-x"], fc.constantFrom("port", "a-b", "seed", "")),
    fc.jsonValue(),
    { maxKeys: 3 },
  ),
}) as fc.Arbitrary<VllmServeOptions>;

test("vllmServe() writes no flag twice, nothing unprintable and only JSON that parses, or says why not", () => {
  let written = 0;
  fc.assert(
    fc.property(anything, (random) => {
      const mistakes = checkVllmServe(random);
      if (mistakes.length > 0) return assert.throws(() => vllmServe(random), isPenstockError);
      written++;
      const { argv, env, notices } = vllmServe(random);
      const flags = argv
        .filter((word) => word.startsWith("--"))
        .map((word) => word.split("=", 1)[0]!.replace("--no-", "--"));
      assert.equal(new Set(flags).size, flags.length);
      // eslint-disable-next-line no-control-regex -- control characters are what is looked for
      for (const word of argv) assert.doesNotMatch(word, /[\u0000-\u0008\u000b-\u001f]/);
      const transfer = argv[argv.indexOf("--kv-transfer-config") + 1]!;
      if (argv.includes("--kv-transfer-config")) assert.ok(JSON.parse(transfer));
      for (const value of Object.values(env)) assert.equal(typeof value, "string");
      for (const notice of notices) assert.ok(notice.length > 10);
      assert.deepEqual(vllmServe(random), { argv, env, notices });
    }),
    { numRuns: 400 },
  );
  assert.ok(written > 50, `only ${written} of 400 commands could be written`);
});
