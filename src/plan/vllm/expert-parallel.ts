import { all2allBackendFor } from "./all2all-backend.ts";
import { vllmHas, vllmReleasesOf } from "./facts.ts";
import type { VllmFlags } from "./flag-words.ts";
import type { ParallelOptions } from "./options.ts";
import { noWritten, type Written } from "./written.ts";
import type { VllmVersion } from "./version.ts";

/** EPLBConfig of vLLM, under its own names; absent keys are left to vLLM. */
export interface EplbConfig {
  /** Steps that are looked back on. */
  readonly window_size?: number;
  /** Steps between two rearrangements. */
  readonly step_interval?: number;
  readonly num_redundant_experts?: number;
  readonly log_balancedness?: boolean;
  readonly log_balancedness_interval?: number;
  readonly use_async?: boolean;
  readonly policy?: string;
  readonly communicator?: string | null;
  readonly enable_migration_batching?: boolean;
}

/** The flags of expert parallelism, its all2all backend, its load balancing and dual batch overlap. */
export function expertParallelFlags(
  options: ParallelOptions,
  version: VllmVersion,
): Written<VllmFlags> {
  const chosen = options.all2allBackend ? all2allBackendFor(options.all2allBackend, version) : {};
  const eplb = eplbFlags(options, version);
  return {
    value: {
      "--enable-expert-parallel": options.enableExpertParallel === true ? true : null,
      "--all2all-backend": chosen.backend,
      ...eplb.value,
      "--enable-dbo": options.enableDbo === true ? true : null,
      "--dbo-decode-token-threshold": options.dboDecodeTokenThreshold,
      "--dbo-prefill-token-threshold": options.dboPrefillTokenThreshold,
    },
    notices: [...(chosen.notice === undefined ? [] : [chosen.notice]), ...eplb.notices],
    mistakes: [
      ...(chosen.mistake === undefined
        ? []
        : [{ option: "all2allBackend", message: chosen.mistake }]),
      ...eplb.mistakes,
    ],
  };
}

function eplbFlags(options: ParallelOptions, version: VllmVersion): Written<VllmFlags> {
  if (options.enableEplb !== true) return noWritten({});
  const { enable_migration_batching: batching, ...config } = options.eplbConfig ?? {};
  const takesBatching = vllmHas(version, "migrationBatching");
  const given = Object.entries({
    ...config,
    ...(batching !== undefined && takesBatching ? { enable_migration_batching: batching } : {}),
  }).filter(([, value]) => value !== null && value !== undefined);
  return {
    value: {
      "--enable-eplb": true,
      "--eplb-config": given.length === 0 ? null : Object.fromEntries(given),
    },
    notices: [],
    mistakes:
      batching === true && !takesBatching
        ? [
            {
              option: "eplbConfig.enable_migration_batching",
              message: `Expected a key of this release: it needs ${vllmReleasesOf("migrationBatching")}`,
            },
          ]
        : [],
  };
}
