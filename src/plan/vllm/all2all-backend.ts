import { nearestWord } from "../../base/mod.ts";
import { vllmHas, vllmReleasesOf, type VllmFactName } from "./facts.ts";
import type { VllmVersion } from "./version.ts";

/** Backends that every supported release takes: All2AllBackend in vllm/config/parallel.py. */
const always = [
  "allgather_reducescatter",
  "deepep_high_throughput",
  "deepep_low_latency",
  "nixl_ep",
  "flashinfer_nvlink_two_sided",
  "flashinfer_nvlink_one_sided",
] as const;

/** Names that vLLM still reads and replaces itself, and what it takes for them. */
const replaced: Readonly<Record<string, string>> = {
  naive: "allgather_reducescatter",
  pplx: "allgather_reducescatter",
  flashinfer_all2allv: "flashinfer_nvlink_two_sided",
};

const gated: Readonly<Record<string, VllmFactName>> = {
  deepep_v2: "deepepV2",
  moonep: "moonEp",
};

/** Every name that `all2allBackendFor` understands, for the check of a configuration. */
export const all2allBackendNames: readonly string[] = [
  ...always,
  ...Object.keys(replaced),
  "mori",
  "mori_high_throughput",
  "mori_low_latency",
  ...Object.keys(gated),
];

export interface ChosenAll2all {
  readonly backend?: string;
  readonly notice?: string;
  readonly mistake?: string;
}

/** What this release calls a backend: the name itself, what took its place, or why there is none. */
export function all2allBackendFor(name: string, version: VllmVersion): ChosenAll2all {
  if ((always as readonly string[]).includes(name)) return { backend: name };
  const successor = Object.hasOwn(replaced, name) ? replaced[name] : undefined;
  if (successor !== undefined)
    return {
      backend: successor,
      notice: `vLLM takes "${successor}" for the all2all backend "${name}"`,
    };
  if (name === "mori" || name.startsWith("mori_")) return moriFor(name, version);
  const fact = Object.hasOwn(gated, name) ? gated[name] : undefined;
  if (fact === undefined) return { mistake: unknown(name) };
  if (vllmHas(version, fact)) return { backend: name };
  return { mistake: `Expected a backend of this release: "${name}" needs ${vllmReleasesOf(fact)}` };
}

function moriFor(name: string, version: VllmVersion): ChosenAll2all {
  if (!all2allBackendNames.includes(name)) return { mistake: unknown(name) };
  const byMode = vllmHas(version, "moriByMode");
  if (byMode === (name !== "mori")) return { backend: name };
  const backend = byMode ? "mori_high_throughput" : "mori";
  return {
    backend,
    notice: `this release of vLLM calls the all2all backend "${name}" "${backend}"`,
  };
}

function unknown(name: string): string {
  const near = nearestWord(name, all2allBackendNames);
  const question = near === undefined ? "" : `, did you mean "${near}"?`;
  return `Expected an all2all backend of vLLM${question}`;
}
