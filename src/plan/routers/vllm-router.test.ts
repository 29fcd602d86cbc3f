import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { serverUrl } from "./server-url.ts";
import { disaggregatedBackends, ranksOn, regularBackends } from "./test-support/backends.ts";
import { assertGolden } from "./test-support/golden.ts";
import { vllmRouter, type VllmRouterOptions, vllmRouterPolicies } from "./vllm-router.ts";

const options: VllmRouterOptions = {
  host: "0.0.0.0",
  port: 8000,
  prometheusPort: 29_000,
  policy: "consistent_hash",
  logLevel: "info",
  backends: regularBackends,
  ranksPerUrl: 1,
  kvConnector: "nixl",
  startTimeoutMs: 4_200_000,
  requestTimeoutMs: 14_400_000,
};

const cases: Readonly<Record<string, VllmRouterOptions>> = {
  regular: options,
  "data-parallel": { ...options, policy: "round_robin", ranksPerUrl: 8 },
  disaggregated: { ...options, backends: disaggregatedBackends },
  mooncake: {
    ...options,
    backends: disaggregatedBackends.map((rank, index) => ({
      ...rank,
      bootstrapPort: rank.role === "prefill" ? 8998 + (index % 2) : null,
    })),
    kvConnector: "mooncake",
  },
};

for (const [name, caseOptions] of Object.entries(cases))
  test(`vllmRouter() is the reviewed command: ${name}`, (t) => {
    assertGolden(t, `vllm-router/${name}.json`, vllmRouter(caseOptions).argv);
  });

for (const policy of vllmRouterPolicies)
  test(`vllmRouter() takes the policy ${policy}`, () => {
    const { argv } = vllmRouter({ ...options, policy });
    assert.equal(argv[argv.indexOf("--policy") + 1], policy);
  });

test("vllmRouter() names every rank once", () => {
  const counts = fc.record({ prefill: fc.nat(5), decode: fc.nat(5) });
  fc.assert(
    fc.property(counts, ({ prefill, decode }) => {
      const backends = [
        ...ranksOn(range(prefill), { id: "p", role: "prefill", portBase: 8100, perNode: 2 }),
        ...ranksOn(range(decode), { id: "d", role: "decode", portBase: 8200, perNode: 2 }),
      ];
      const { argv } = vllmRouter({ ...options, backends });
      const urls = argv.filter((word) => word.startsWith("http://"));
      assert.deepEqual(
        urls,
        backends.map(({ host, port }) => serverUrl(host, port)),
      );
    }),
  );
});

test("vllmRouter() asks each prefill rank of the Mooncake connector at its own port", () => {
  const backends = disaggregatedBackends.map((rank, index) => ({
    ...rank,
    bootstrapPort: 9000 + index,
  }));
  const { argv } = vllmRouter({ ...cases["mooncake"]!, backends });
  const words = argv.slice(argv.indexOf("--prefill")).join(" ");
  assert.ok(
    words.startsWith("--prefill http://{node:0}:8100 9000 --prefill http://{node:0}:8101 9001"),
  );
  assert.ok(!vllmRouter({ ...options, backends }).argv.includes("9000"));
});

test("vllmRouter() lists the URLs of ranks after one flag, which a second one would replace", () => {
  const { argv } = vllmRouter(options);
  assert.equal(argv.filter((word) => word === "--worker-urls").length, 1);
  assert.deepEqual(argv.slice(argv.indexOf("--worker-urls") + 1), [
    "http://{node:0}:8100",
    "http://{node:0}:8101",
    "http://{node:1}:8100",
    "http://{node:1}:8101",
  ]);
});

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}
