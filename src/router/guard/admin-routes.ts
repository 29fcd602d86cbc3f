import type { Answer } from "../accept/answer.ts";
import { routePath } from "../accept/route-path.ts";
import type { RequestHead } from "../http1/request-head.ts";
import { errorBody } from "../../openai-api/mod.ts";

/** Routes of the router's own that are at its admin socket. */
const ownPaths: readonly string[] = [
  "/add_worker",
  "/drain_worker",
  "/remove_worker",
  "/list_workers",
];

/**
 * What vLLM's server and prime-rl's let the owner of an engine do: stop it, change its weights or adapters, drop its
 * caches, call into it. One of several ranks would be the wrong receiver in any case.
 */
const rankPaths: readonly string[] = [
  "/abort_requests",
  "/collective_rpc",
  "/fault_tolerance/apply",
  "/fault_tolerance/status",
  "/finish_weight_update",
  "/get_world_size",
  "/init_broadcaster",
  "/init_weight_transfer_engine",
  "/is_paused",
  "/is_scaling_elastic_ep",
  "/is_sleeping",
  "/load_lora_adapter",
  "/pause",
  "/reset_encoder_cache",
  "/reset_mm_cache",
  "/reset_prefix_cache",
  "/resume",
  "/scale_elastic_ep",
  "/server_info",
  "/sleep",
  "/start_draft_weight_update",
  "/start_profile",
  "/start_weight_update",
  "/stop_profile",
  "/unload_lora_adapter",
  "/update_weight_version",
  "/update_weights",
  "/v1/load_lora_adapter",
  "/v1/unload_lora_adapter",
  "/wake_up",
  "/weight_checker",
  "/weight_info",
];

const whereByPath: ReadonlyMap<string, string> = new Map([
  ...ownPaths.map((path) => [path, "ask at the router's admin socket"] as const),
  ...rankPaths.map((path) => [path, "ask each rank at its own address"] as const),
]);

/** The answer to a request for an admin route, which is not on the public port; undefined for all others. */
export function answerToAdminRoute({ target }: RequestHead): Answer | undefined {
  const path = routePath(target);
  // A server that takes a path with a slash behind it sends its client to the one without.
  const where = whereByPath.get(path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path);
  if (where === undefined) return undefined;
  const message = `Cannot serve "${path}": admin routes are not on this port, ${where}`;
  const body = JSON.stringify(errorBody(404, message));
  return { status: 404, contentType: "application/json", body };
}
