import { compareVllmVersions, parseVllmVersion, type VllmVersion } from "./version.ts";

/**
 * Something that not every supported release of vLLM takes. Releases from `since` on and before `before` do; a bound
 * that is missing lies outside the supported range. Read from the sources inside vLLM's own wheels.
 */
export interface VllmFact {
  readonly about: string;
  readonly since?: string;
  readonly before?: string;
}

/** Every difference between the supported releases that changes a command line: one line a gate. */
export const vllmFacts = {
  scaleOutFlag: {
    since: "0.30.0",
    about: "--enable-scale-out opens /inference/v1/generate; older releases open it always",
  },
  nixlAbortTimeout: {
    before: "0.22.0",
    about: "VLLM_NIXL_ABORT_REQUEST_TIMEOUT frees KV blocks that nobody fetches",
  },
  nixlLease: { since: "0.22.0", about: "kv_lease_duration frees KV blocks that nobody fetches" },
  nixlPushPull: { since: "0.24.0", about: "NixlPullConnector and NixlPushConnector" },
  p2pNccl: { before: "0.24.0", about: "P2pNcclConnector" },
  mooncakeStore: { since: "0.21.0", about: "MooncakeStoreConnector" },
  hiSparse: { since: "0.30.0", about: "HiSparseConnector" },
  kvTransferAddress: {
    before: "0.32.0",
    about: "kv_ip, kv_rank, kv_parallel_size and kv_buffer_size of KVTransferConfig",
  },
  tieringSpec: { since: "0.22.0", about: "TieringOffloadingSpec, a disk tier behind the CPU tier" },
  fileTierIsFs: { since: "0.23.0", about: 'a disk tier is called "fs"; before, "fs_python"' },
  kvEventMaps: { since: "0.24.0", about: "KV events are maps; before, arrays" },
  replayTopicFrame: { since: "0.26.0", about: "replayed KV events carry a topic frame" },
  moriByMode: {
    since: "0.23.0",
    about: 'all2all backend "mori" is "mori_high_throughput" and "mori_low_latency"',
  },
  deepepV2: { since: "0.24.0", about: 'all2all backend "deepep_v2"' },
  moonEp: { since: "0.31.0", about: 'all2all backend "moonep"' },
  migrationBatching: { since: "0.32.0", about: "enable_migration_batching of EPLBConfig" },
  sparseNccl: { since: "0.25.0", about: 'weight transfer backend "sparse_nccl"' },
  shardedRdt: { since: "0.29.0", about: 'weight transfer backend "sharded_rdt"' },
  ncclM2n: { since: "0.31.0", about: 'weight transfer backend "nccl_m2n"' },
  routedExpertsSynchronous: {
    since: "0.21.0",
    before: "0.22.0",
    about:
      "--enable-return-routed-experts is refused beside asynchronous scheduling, which is on by itself",
  },
  routedExpertsAlone: {
    since: "0.22.0",
    before: "0.31.0",
    about: "--enable-return-routed-experts is refused beside every KV connector",
  },
  routedExpertsAsOutput: {
    since: "0.31.0",
    about: "--enable-return-routed-experts needs prefix caching, and is refused beside KV transfer",
  },
} as const satisfies Record<string, VllmFact>;

export type VllmFactName = keyof typeof vllmFacts;

/** The releases whose sources the table was read from, and the one that is taken when none is found or named. */
export const vllmSupport = { oldest: "0.20.0", newest: "0.33.0", default: "0.33.0" } as const;

/** Whether this release has what the fact tells of. */
export function vllmHas(version: VllmVersion, name: VllmFactName): boolean {
  const fact: VllmFact = vllmFacts[name];
  if (fact.since !== undefined && compareVllmVersions(version, known(fact.since)) < 0) return false;
  return fact.before === undefined || compareVllmVersions(version, known(fact.before)) < 0;
}

/** "vLLM 0.24.0 and newer", for messages. */
export function vllmReleasesOf(name: VllmFactName): string {
  const fact: VllmFact = vllmFacts[name];
  const parts = [
    ...(fact.since === undefined ? [] : [`from ${fact.since} on`]),
    ...(fact.before === undefined ? [] : [`before ${fact.before}`]),
  ];
  return `vLLM ${parts.join(" and ")}`;
}

/** How a release was settled. */
export interface ChosenVllm {
  readonly version: VllmVersion;
  readonly notice?: string;
  /** Why the text cannot be used; `version` is then the default. */
  readonly mistake?: string;
}

/** Settles the release that a text names, or the default without one; newer ones count as the newest known. */
export function chooseVllmVersion(text: string | null | undefined): ChosenVllm {
  const fallback = known(vllmSupport.default);
  if (text === null || text === undefined)
    return {
      version: fallback,
      notice: `no vLLM was found or named: the commands are written for vLLM ${vllmSupport.default}`,
    };
  const version = parseVllmVersion(text);
  const range = `${vllmSupport.oldest} to ${vllmSupport.newest}`;
  if (version === undefined)
    return {
      version: fallback,
      mistake: `Expected a version of vLLM such as "${vllmSupport.default}"`,
    };
  if (compareVllmVersions(version, known(vllmSupport.oldest)) < 0)
    return {
      version: fallback,
      mistake: `Expected vLLM ${range}: older releases have other arguments`,
    };
  if (compareVllmVersions(version, known(vllmSupport.newest)) > 0)
    return {
      version: known(vllmSupport.newest),
      notice: `vLLM ${text} is newer than the releases known here (${range}): its commands are written as for ${vllmSupport.newest}`,
    };
  return { version };
}

/** Shape of the KV events that a release publishes, for whoever reads them. */
export function kvEventShape(version: VllmVersion): "arrays" | "maps" {
  return vllmHas(version, "kvEventMaps") ? "maps" : "arrays";
}

function known(text: string): VllmVersion {
  return parseVllmVersion(text)!;
}
