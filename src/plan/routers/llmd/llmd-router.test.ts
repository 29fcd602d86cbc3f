import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { RouterBackend } from "../backend.ts";
import { disaggregatedBackends, regularBackends } from "../test-support/backends.ts";
import { assertGolden, withoutFiles } from "../test-support/golden.ts";
import {
  llmdDefaultPorts,
  llmdRouter,
  type LlmdRouter,
  type LlmdRouterOptions,
} from "./llmd-router.ts";
import { llmdDefaultWeights, llmdScorers } from "./scorers.ts";

const options: LlmdRouterOptions = {
  host: "0.0.0.0",
  port: 8000,
  ports: llmdDefaultPorts,
  backends: regularBackends,
  scorers: llmdDefaultWeights.base,
  prefillScorerOverrides: llmdDefaultWeights.prefill,
  decodeScorerOverrides: llmdDefaultWeights.decode,
  nonCachedTokens: 16,
  outputDirectory: "/out",
  directory: "router-0",
  startTimeoutMs: 600_000,
};

const cases: Readonly<Record<string, LlmdRouterOptions>> = {
  regular: options,
  disaggregated: { ...options, backends: disaggregatedBackends },
  "experimental-scorer": {
    ...options,
    host: "127.0.0.1",
    scorers: { "prefix-cache-scorer": 0.5, "session-affinity-scorer": 10, "queue-scorer": 0 },
  },
};

for (const [name, caseOptions] of Object.entries(cases))
  test(`llmdRouter() writes the reviewed files: ${name}`, (t) => {
    const router = llmdRouter(caseOptions);
    for (const { path, content } of filesOf(router))
      assertGolden(t, `llm-d/${name}/${goldenName(path)}`, content);
    const { epp, envoy, warnings } = router;
    assertGolden(t, `llm-d/${name}/commands.json`, {
      epp: withoutFiles(epp),
      envoy: withoutFiles(envoy),
      warnings,
    });
  });

test("llmdRouter() names every rank once in the endpoints file", () => {
  fc.assert(
    fc.property(anyBackends, (backends) => {
      const { endpoints } = readEndpoints(llmdRouter({ ...options, backends }));
      assert.deepEqual(
        endpoints.map(({ name, address, port, labels }) => ({
          id: name,
          host: address,
          port: Number(port),
          role: labels["llm-d.ai/role"],
        })),
        backends.map(({ id, host, port, role }) => ({ id, host, port, role })),
      );
    }),
  );
});

test("llmdRouter() refers only to plugins that it lists, each listed once", () => {
  fc.assert(
    fc.property(anyBackends, anyWeights, anyWeights, (backends, scorers, overrides) => {
      const router = llmdRouter({
        ...options,
        backends,
        scorers,
        prefillScorerOverrides: overrides,
      });
      const config = readEpp(router);
      const types = config.plugins.map(({ type }) => type);
      assert.equal(new Set(types).size, types.length);
      for (const reference of referencesOf(config)) assert.ok(types.includes(reference), reference);
    }),
  );
});

test("llmdRouter() gives each profile one picker, at its end, and weights to scorers only", () => {
  for (const backends of [regularBackends, disaggregatedBackends]) {
    const { schedulingProfiles } = readEpp(llmdRouter({ ...options, backends }));
    for (const { plugins } of schedulingProfiles) {
      assert.equal(plugins.at(-1)!.pluginRef, "max-score-picker");
      for (const { pluginRef, weight } of plugins)
        assert.equal(weight !== undefined, pluginRef in llmdScorers, pluginRef);
    }
  }
});

test("llmdRouter() keeps paths that JSON has to quote", () => {
  const outputDirectory = '/a "quoted"\\path\n';
  const config = readEpp(llmdRouter({ ...options, outputDirectory }));
  const discovery = config.plugins.find(({ type }) => type === "file-discovery");
  assert.equal(discovery?.parameters?.["path"], `${outputDirectory}/router-0/endpoints.json`);
});

test("llmdRouter() says that prefill ranks stay idle when non_cached_tokens is 0", () => {
  const disaggregated = { ...options, backends: disaggregatedBackends };
  assert.deepEqual(llmdRouter(disaggregated).warnings, []);
  assert.match(llmdRouter({ ...disaggregated, nonCachedTokens: 0 }).warnings.join(), /prefill/);
  assert.deepEqual(llmdRouter({ ...options, nonCachedTokens: 0 }).warnings, []);
});

test("llmdRouter() says what a scorer needs that a deployment does not set up", () => {
  const { warnings } = llmdRouter({ ...options, scorers: { "latency-scorer": 1 } });
  assert.match(warnings.join(), /"latency-scorer" needs the sidecars/);
});

test("llmdRouter() says that the endpoints file is too long at its limit", () => {
  const backends = Array.from({ length: 20_000 }, (_, index) => rank(index));
  assert.match(llmdRouter({ ...options, backends }).warnings.join(), /at most 1048576/);
  assert.deepEqual(llmdRouter({ ...options, backends: backends.slice(0, 8192) }).warnings, []);
});

function rank(index: number): RouterBackend {
  const host = `{node:${index}}`;
  return { id: `rank-${index}`, role: "both", host, port: 8100, bootstrapPort: null };
}

const anyBackends = fc
  .array(fc.constantFrom("both", "prefill", "decode"), { minLength: 1, maxLength: 40 })
  .map((roles) => roles.map((role, index): RouterBackend => ({ ...rank(index), role })));

const anyWeights = fc.dictionary(
  fc.constantFrom(...Object.keys(llmdScorers)),
  fc.double({ min: 0, max: 1000, noNaN: true }),
);

interface EndpointsFile {
  readonly endpoints: readonly {
    readonly name: string;
    readonly address: string;
    readonly port: string;
    readonly labels: Readonly<Record<string, string>>;
  }[];
}

interface EppFile {
  readonly plugins: readonly {
    readonly type: string;
    readonly parameters?: Readonly<Record<string, unknown>>;
  }[];
  readonly schedulingProfiles: readonly {
    readonly plugins: readonly { readonly pluginRef: string; readonly weight?: number }[];
  }[];
  readonly dataLayer: { readonly discovery: { readonly pluginRef: string } };
  readonly requestHandler: { readonly parsers: readonly { readonly pluginRef: string }[] };
}

function referencesOf(config: EppFile): readonly string[] {
  return [
    ...config.schedulingProfiles.flatMap(({ plugins }) =>
      plugins.map((plugin) => plugin.pluginRef),
    ),
    config.dataLayer.discovery.pluginRef,
    ...config.requestHandler.parsers.map(({ pluginRef }) => pluginRef),
  ];
}

/** The endpoints file has its own layout, which the formatter of the repository would change. */
function goldenName(path: string): string {
  return path.replace("router-0/", "").replace("endpoints.json", "endpoints.json.txt");
}

function filesOf({ epp, envoy }: LlmdRouter) {
  return [...epp.files, ...envoy.files];
}

function readEndpoints(router: LlmdRouter): EndpointsFile {
  return readJson(router, "endpoints") as EndpointsFile;
}

function readEpp(router: LlmdRouter): EppFile {
  return readJson(router, "epp") as EppFile;
}

function readJson(router: LlmdRouter, name: string): unknown {
  const file = filesOf(router).find(({ path }) => path === `router-0/${name}.json`);
  assert.ok(file !== undefined);
  return JSON.parse(file.content);
}
