import type { Config } from "../schema/config.ts";
import { adjust, mistake, type RuleFinding } from "./finding.ts";

/** How many processes answer HTTP for one vLLM server. */
export function apiServers(config: Config): readonly RuleFinding[] {
  const { api_server_count, vllm_extra } = config;
  if (api_server_count === null) return [];
  if (vllm_extra["headless"] === true) {
    const message = "Expected none: vllm_extra.headless takes the HTTP server away";
    return [mistake(message, "api_server_count", "vllm_extra.headless")];
  }
  if (!config.enable_lora || api_server_count === 1) return [];
  const message = "set to 1, as adapters are loaded into one HTTP process only";
  return [adjust("api_server_count", 1, { message, causes: ["enable_lora"] })];
}
