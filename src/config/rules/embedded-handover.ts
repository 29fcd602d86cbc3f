import type { Config } from "../schema/config.ts";
import { type IsSet, mistake, remark, type RuleFinding } from "./finding.ts";

/** Keys of the hand-over of KV blocks that are about vLLM's connectors. */
const keysOfConnectors = [
  "kv_transfer.kv_connector",
  "kv_transfer.kv_buffer_device",
  "kv_transfer.kv_buffer_size",
  "kv_transfer.kv_rank",
  "kv_transfer.kv_parallel_size",
  "kv_transfer.kv_ip",
  "kv_transfer.kv_connector_module_path",
  "kv_transfer.enable_permute_local_kv",
  "kv_transfer.engine_id",
  "pd_disagg.kv_connector",
  "pd_disagg.kv_send_type",
];

const leasePath = "kv_transfer.kv_connector_extra_config";
const leaseSecondsMax = 86_400;

/** The embedded engine hands KV blocks over in one way: the keys that have no effect on it, and its lease. */
export function embeddedHandover(config: Config, isSet: IsSet): readonly RuleFinding[] {
  if (config.engine !== "embedded") return [];
  const { kv_transfer, pd_disagg, deployment } = config;
  const isApart = deployment.type === "disaggregated" || pd_disagg !== null;
  if (!isApart) {
    if (kv_transfer === null) return [];
    return [remark("has no effect with the embedded engine", "kv_transfer")];
  }
  const without = keysOfConnectors
    .filter((path) => isSet(path))
    .map((path) => remark("has no effect with the embedded engine", path));
  return [...without, ...lease(kv_transfer?.kv_connector_extra_config ?? {})];
}

function lease(extra: Readonly<Record<string, unknown>>): readonly RuleFinding[] {
  const { kv_lease_duration: seconds, ...others } = extra;
  const unread = Object.keys(others).map((key) =>
    remark("has no effect with the embedded engine", `${leasePath}.${key}`, leasePath),
  );
  const isRight =
    seconds === undefined ||
    (Number.isInteger(seconds) && Number(seconds) >= 1 && Number(seconds) <= leaseSecondsMax);
  if (isRight) return unread;
  const message = `Expected kv_lease_duration to be a whole number of seconds from 1 to ${leaseSecondsMax}`;
  return [...unread, mistake(message, `${leasePath}.kv_lease_duration`, leasePath)];
}
