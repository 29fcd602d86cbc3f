import { nearestWord } from "../../base/mod.ts";
import type { Config } from "../schema/config.ts";
import { adjust, mistake, type RuleFinding } from "./finding.ts";

/** Connectors that versions of vLLM bring along. */
const connectors = [
  "DecodeBenchConnector",
  "ExampleConnector",
  "ExampleHiddenStatesConnector",
  "FlexKVConnectorV1",
  "HF3FSKVConnector",
  "LMCacheConnectorV1",
  "LMCacheMPConnector",
  "MooncakeConnector",
  "MooncakeStoreConnector",
  "MoRIIOConnector",
  "MultiConnector",
  "NixlConnector",
  "NixlPullConnector",
  "NixlPushConnector",
  "OffloadingConnector",
  "P2pNcclConnector",
  "SharedStorageConnector",
  "SimpleCPUOffloadConnector",
];

/** The connector must be there, and vLLM asks for a role where the deployment has none. */
export function kvConnector(config: Config): readonly RuleFinding[] {
  const { kv_transfer } = config;
  if (kv_transfer === null) return [];
  const findings: RuleFinding[] = [];
  const { kv_connector, kv_connector_module_path } = kv_transfer;
  if (kv_connector_module_path === null && !connectors.includes(kv_connector)) {
    const nearest = nearestWord(kv_connector, connectors);
    const suggestion = nearest === undefined ? "" : `, did you mean "${nearest}"?`;
    const message = `Expected a connector of vLLM, or its module in kv_transfer.kv_connector_module_path${suggestion}`;
    findings.push(mistake(message, "kv_transfer.kv_connector"));
  }
  if (config.kv_cache_offload?.type === "native" && kv_connector === "OffloadingConnector") {
    const message = "Expected another connector: [kv_cache_offload] brings this one along";
    findings.push(mistake(message, "kv_transfer.kv_connector"));
  }
  const hasRoles = config.deployment.type === "disaggregated" || config.pd_disagg !== null;
  if (hasRoles && kv_transfer.kv_role !== null && kv_transfer.kv_role !== "kv_both") {
    const message =
      'Expected "kv_both" or None, with which prefill gives blocks and decode takes them';
    findings.push(mistake(message, "kv_transfer.kv_role"));
  }
  if (kv_transfer.kv_role === null && !hasRoles) {
    const message = 'set to "kv_both", as prefill and decode are not apart';
    findings.push(adjust("kv_transfer.kv_role", "kv_both", { message, causes: ["kv_transfer"] }));
  }
  return findings;
}
