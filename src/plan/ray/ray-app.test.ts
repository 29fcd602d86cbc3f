import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { assertGolden } from "../routers/test-support/golden.ts";
import { rayApp, type RayAppOptions, type RayEngine } from "./mod.ts";

const engine: RayEngine = {
  engineArgs: { tensor_parallel_size: 2, max_model_len: 8192, enable_prefix_caching: true },
  replicaCount: 4,
  env: {},
};

const nixl = { kv_connector: "NixlConnector", kv_role: "kv_both", engine_id: "prefill-0" };

const options: RayAppOptions = {
  modelName: "qwen",
  modelSource: "Qwen/Qwen3-30B-A3B",
  engines: { kind: "regular", engine },
  acceleratorType: null,
  host: "0.0.0.0",
  port: 8000,
  path: "ray/serve.json",
};

const wideEp: RayEngine = {
  ...engine,
  replicaCount: 1,
  engineArgs: { ...engine.engineArgs, data_parallel_size: 8, enable_expert_parallel: true },
};

function withTransfer(all2allBackend: string): RayEngine {
  return {
    ...wideEp,
    engineArgs: {
      ...wideEp.engineArgs,
      all2all_backend: all2allBackend,
      kv_transfer_config: nixl,
      data_parallel_address: "{node:0}",
      port: 8100,
    },
    env: { UCX_TLS: "all", VLLM_NIXL_SIDE_CHANNEL_PORT: "5600" },
  };
}

const cases: Readonly<Record<string, RayAppOptions>> = {
  regular: options,
  "data-parallel": {
    ...options,
    acceleratorType: "H200",
    engines: { kind: "regular", engine: wideEp },
  },
  disaggregated: {
    ...options,
    engines: {
      kind: "disaggregated",
      prefill: { ...withTransfer("deepep_high_throughput"), replicaCount: 2 },
      decode: withTransfer("deepep_low_latency"),
    },
  },
};

for (const [name, caseOptions] of Object.entries(cases))
  test(`rayApp() is the reviewed application: ${name}`, (t) => {
    assertGolden(t, `ray/${name}.json`, rayApp(caseOptions).file.content);
  });

test("rayApp() says what it left to Ray", () => {
  assert.deepEqual(rayApp(cases["disaggregated"]!).leftOut, [
    "VLLM_NIXL_SIDE_CHANNEL_PORT",
    "data_parallel_address",
    "port",
  ]);
  assert.deepEqual(rayApp(options).leftOut, []);
});

test("rayApp() runs the file that it writes", () => {
  const { argv, file } = rayApp(options);
  assert.deepEqual(argv, ["serve", "run", file.path]);
});

test("rayApp() names no engine, not in connectors of connectors either", () => {
  const transfer = {
    kv_connector: "MultiConnector",
    kv_connector_extra_config: { connectors: [nixl, { kv_connector: "OffloadingConnector" }] },
  };
  const engineArgs = { kv_transfer_config: transfer };
  const app = rayApp({
    ...options,
    engines: { kind: "regular", engine: { ...engine, engineArgs } },
  });
  assert.ok(!app.file.content.includes("engine_id"));
  assert.match(app.file.content, /"NixlConnector"/);
});

test("rayApp() passes every other engine argument on as it is", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.stringMatching(/^x_[a-z]{1,9}$/), fc.jsonValue()),
      (engineArgs) => {
        const one: RayEngine = { ...engine, engineArgs };
        const app = rayApp({ ...options, engines: { kind: "regular", engine: one } });
        const config = JSON.parse(app.file.content) as RegularFile;
        assert.deepEqual(
          config.applications[0].args.llm_configs[0].engine_kwargs,
          JSON.parse(JSON.stringify(engineArgs)),
        );
      },
    ),
  );
});

interface RegularFile {
  readonly applications: readonly [
    { readonly args: { readonly llm_configs: readonly [{ readonly engine_kwargs: unknown }] } },
  ];
}
