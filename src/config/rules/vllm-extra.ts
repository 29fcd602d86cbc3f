import { dotted } from "../dotted-path.ts";
import type { Config } from "../schema/config.ts";
import { vllmNames } from "../vllm-names.ts";
import { mistake, remark, type RuleFinding } from "./finding.ts";

/** Arguments that the plan writes for each process, and the keys it writes them from. */
const written: ReadonlyMap<string, string> = new Map([
  ["model", "model.name"],
  ["host", "server.host"],
  ["port", "deployment.backend_port"],
  ["tensor_parallel_size", "parallel.tp"],
  ["data_parallel_size", "parallel.dp"],
  ["data_parallel_size_local", "parallel.dp_local"],
  ["data_parallel_rpc_port", "parallel.data_parallel_rpc_port"],
  ["data_parallel_address", "deployment.type"],
  ["data_parallel_rank", "deployment.type"],
  ["data_parallel_start_rank", "deployment.type"],
  ["data_parallel_external_lb", "deployment.type"],
  ["data_parallel_hybrid_lb", "deployment.type"],
  ["kv_transfer_config", "kv_transfer"],
]);

/** What goes to vLLM unread must not contradict what the plan writes. */
export function vllmExtra(config: Config): readonly RuleFinding[] {
  const { vllm_extra, deployment, pd_disagg } = config;
  const shared = Object.keys(vllm_extra).flatMap((argument) => {
    const name = plain(argument);
    const ownName = Object.hasOwn(config, name) ? name : undefined;
    const key = written.get(name) ?? vllmNames.get(name) ?? ownName;
    return key === undefined ? [] : [contradiction(["vllm_extra", argument], key)];
  });
  const roles = (["deployment", "pd_disagg"] as const).flatMap((section) => {
    const table = section === "pd_disagg" ? pd_disagg : deployment;
    if (table === null || !("prefill_vllm_extra" in table)) return [];
    return (["prefill_vllm_extra", "decode_vllm_extra"] as const).flatMap((key) =>
      Object.keys(table[key])
        .filter((name) => written.has(plain(name)))
        .map((name) => contradiction([section, key, name], written.get(plain(name))!)),
    );
  });
  const isHeadless = vllm_extra["headless"] === true;
  const headless = remark("takes the HTTP server away that clients ask", "vllm_extra.headless");
  return [...shared, ...roles, ...(isHeadless ? [headless] : [])];
}

function plain(name: string): string {
  return name.replaceAll("-", "_");
}

function contradiction(path: readonly string[], key: string): RuleFinding {
  return mistake(`Expected none: the plan writes this argument from "${key}"`, dotted(path));
}
