import type { Config } from "../schema/config.ts";
import { adjust, mistake, type RuleFinding } from "./finding.ts";

/** Ranks that vLLM takes for --max-lora-rank. */
const ranks = [1, 8, 16, 32, 64, 128, 256, 320, 512];

/** Limits of LoRA as vLLM knows them. */
export function loraLimits(config: Config): readonly RuleFinding[] {
  const { max_lora_rank, max_loras, max_cpu_loras } = config;
  const findings: RuleFinding[] = [];
  const rounded = ranks.find((rank) => rank >= max_lora_rank);
  if (rounded !== undefined && rounded !== max_lora_rank) {
    const message = `rounded up from ${max_lora_rank} to ${rounded}, the next rank that vLLM takes`;
    findings.push(adjust("max_lora_rank", rounded, { message, causes: [] }));
  }
  if (max_cpu_loras !== null && max_cpu_loras < max_loras) {
    const message = `Expected at least ${max_loras}: every adapter of a step is kept by the CPU too`;
    findings.push(mistake(message, "max_cpu_loras", "max_loras"));
  }
  return findings;
}
