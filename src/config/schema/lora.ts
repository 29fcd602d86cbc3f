import { z } from "zod";

/** LoRA adapters; keys of the top level, under the names vLLM gives them. */
export const loraKeys = {
  enable_lora: z.boolean().default(false).meta({
    description: "Serve LoRA adapters beside the model.",
  }),
  max_loras: z.int().min(1).max(4096).default(1).meta({
    unit: "adapters",
    description: "Adapters that one step may use.",
  }),
  max_lora_rank: z.int().min(1).max(512).default(16).meta({
    description:
      "Highest rank of an adapter; rounded up to what vLLM takes: 1, 8, 16, 32, 64, 128, 256, 320 or 512.",
  }),
  max_cpu_loras: z.int().min(1).max(65_536).nullable().default(null).meta({
    unit: "adapters",
    description: "Adapters kept in the memory of the CPU; None keeps max_loras.",
  }),
  lora_target_modules: z.array(z.string().min(1)).max(256).nullable().default(null).meta({
    description: "Modules that adapters may change; None lets them change all that vLLM supports.",
  }),
} as const;
