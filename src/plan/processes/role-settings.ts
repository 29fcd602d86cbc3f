import type { Config } from "../../config/mod.ts";
import type { ProcessRole } from "../types.ts";

/** What a role may have of its own: from `[pd_disagg]`, else from a disaggregated `[deployment]`. */
export interface RoleSettings {
  readonly all2allBackend: string;
  /** The deployment's variables, the role's over them. */
  readonly envVars: Readonly<Record<string, string>>;
  readonly vllmExtra: Config["vllm_extra"];
}

export function roleSettings(config: Config, role: ProcessRole): RoleSettings {
  const { deployment, pd_disagg, all2all_backend, env_vars, vllm_extra } = config;
  const own = pd_disagg ?? (deployment.type === "disaggregated" ? deployment : null);
  if (role === "both" || own === null)
    return { all2allBackend: all2all_backend, envVars: env_vars, vllmExtra: vllm_extra };
  return {
    all2allBackend: own[`${role}_all2all_backend`] ?? all2all_backend,
    envVars: { ...env_vars, ...own[`${role}_env_vars`] },
    vllmExtra: { ...vllm_extra, ...own[`${role}_vllm_extra`] },
  };
}
