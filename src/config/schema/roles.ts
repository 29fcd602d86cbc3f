import { z } from "zod";
import { all2allBackend } from "./expert-parallel.ts";
import { envVars, freeTable } from "./scalars.ts";

type Role = "prefill" | "decode";

const tp = (role: Role) =>
  z
    .int()
    .min(1)
    .max(64)
    .nullable()
    .default(null)
    .meta({
      unit: "GPUs",
      description: `Tensor-parallel size of ${role} instances; None takes parallel.tp.`,
    });

const backend = (role: Role, preferred: string) =>
  all2allBackend
    .nullable()
    .default(null)
    .meta({
      description: `Kernels that carry tokens to their experts on ${role} instances; None takes all2all_backend, and ${preferred} in a disaggregated deployment where that is not set either.`,
    });

const environment = (role: Role) =>
  envVars.default({}).meta({ description: `Environment of ${role} processes, over env_vars.` });

const extra = (role: Role) =>
  freeTable.default({}).meta({
    description: `Arguments of vLLM for ${role} instances, over vllm_extra.`,
  });

/** Settings of each role, wherever prefill and decode are apart. */
export const roleKeys = {
  prefill_tp: tp("prefill"),
  decode_tp: tp("decode"),
  prefill_all2all_backend: backend("prefill", "deepep_high_throughput"),
  decode_all2all_backend: backend("decode", "deepep_low_latency"),
  prefill_env_vars: environment("prefill"),
  decode_env_vars: environment("decode"),
  prefill_vllm_extra: extra("prefill"),
  decode_vllm_extra: extra("decode"),
} as const;
