import assert from "node:assert/strict";
import { test } from "node:test";
import {
  connectorMistakes,
  connectorsOf,
  movesBetweenInstances,
  type KvTransferConfig,
} from "./kv-connectors.ts";
import type { JsonValue } from "./flag-words.ts";
import { parseVllmVersion } from "./version.ts";

const link = (kv_connector: string): KvTransferConfig => ({ kv_connector, kv_role: "kv_both" });
const chain = (...connectors: readonly JsonValue[]): KvTransferConfig => ({
  ...link("MultiConnector"),
  kv_connector_extra_config: { connectors },
});
const mistakesOf = (config: KvTransferConfig, version = "0.33.0"): readonly string[] =>
  connectorMistakes(config, parseVllmVersion(version)!, "c").map(
    ({ option, message }) => `${option}: ${message}`,
  );

test("connectorMistakes() knows the releases of each connector", () => {
  for (const [name, release, isThere] of [
    ["NixlConnector", "0.20.0", true],
    ["P2pNcclConnector", "0.23.0", true],
    ["P2pNcclConnector", "0.24.0", false],
    ["MooncakeStoreConnector", "0.20.2", false],
    ["MooncakeStoreConnector", "0.21.0", true],
    ["NixlPushConnector", "0.23.0", false],
    ["LMCacheConnectorV1", "0.33.0", true],
    ["OffloadingConnector", "0.33.0", true],
  ] as const)
    assert.equal(mistakesOf(link(name), release).length === 0, isThere, `${name} in ${release}`);
});

test("connectorMistakes() refuses unknown names, unless a module brings them", () => {
  assert.match(mistakesOf(link("NixlConector"))[0]!, /did you mean "NixlConnector"/);
  const own = { ...link("MyConnector"), kv_connector_module_path: "my.module" };
  assert.deepEqual(mistakesOf(own), []);
});

test("connectorMistakes() looks into chains and says where", () => {
  const config = chain(link("NixlConnector") as never, link("P2pNcclConnector") as never, "x", {
    kv_connector: "NixlConnector",
  });
  const found = mistakesOf(config);
  assert.match(
    found[0]!,
    /^c\.kv_connector_extra_config\.connectors\[1\]\.kv_connector: .*before 0\.24/,
  );
  assert.match(found[1]!, /^c\.kv_connector_extra_config\.connectors\[2\]: Expected a table/);
  assert.match(found[2]!, /connectors\[3\]: Expected a table/);
  assert.equal(found.length, 3);
});

test("connectorMistakes() refuses a chain without links", () => {
  assert.match(mistakesOf(link("MultiConnector"))[0]!, /at least one connector/);
});

test("movesBetweenInstances() tells transfer from storage, in chains too", () => {
  assert.equal(movesBetweenInstances(link("NixlPullConnector")), true);
  assert.equal(movesBetweenInstances(link("MooncakeConnector")), true);
  assert.equal(movesBetweenInstances(link("MooncakeStoreConnector")), false);
  const stored = link("OffloadingConnector") as never;
  assert.equal(movesBetweenInstances(chain(stored)), false);
  assert.equal(movesBetweenInstances(chain(stored, link("NixlConnector") as never)), true);
});

test("connectorsOf() unfolds chains inside chains", () => {
  const inner = chain(link("A") as never, link("B") as never);
  assert.deepEqual(
    connectorsOf(chain(inner as never, link("C") as never)).map((one) => one.kv_connector),
    ["A", "B", "C"],
  );
});
