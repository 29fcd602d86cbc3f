import type { Config } from "../../config/mod.ts";
import type { Handover } from "../commands/embedded-engine.ts";
import type { Instance } from "../shapes/deployment-shape.ts";
import { kvRoles } from "./kv-transfer-options.ts";
import type { RankPlace } from "./network.ts";

/** NIXL's own. */
const leaseSeconds = 30;

/** How a rank of the embedded engine hands KV blocks over; null where it keeps them to itself. */
export function embeddedHandover(
  { kv_transfer }: Config,
  { role }: Instance,
  { host, transferPort }: RankPlace,
): Handover | null {
  if (transferPort === null) return null;
  const lease = kv_transfer?.kv_connector_extra_config["kv_lease_duration"];
  return {
    kvRole: kv_transfer?.kv_role ?? kvRoles[role],
    host,
    port: transferPort,
    leaseSeconds: typeof lease === "number" ? lease : leaseSeconds,
    loadFailurePolicy: kv_transfer?.kv_load_failure_policy ?? "recompute",
  };
}
