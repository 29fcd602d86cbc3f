import type { ProcessRole } from "../types.ts";
import { serverUrl } from "./server-url.ts";

/** One rank as its router reaches it. */
export interface RouterBackend {
  /** Unique in the deployment. */
  readonly id: string;
  readonly role: ProcessRole;
  /** An address, or `{node:3}`. */
  readonly host: string;
  readonly port: number;
  /** Where a prefill rank of the Mooncake connector tells its engine id; null for every other rank. */
  readonly bootstrapPort: number | null;
}

export interface BackendsByRole {
  readonly both: readonly RouterBackend[];
  readonly prefill: readonly RouterBackend[];
  readonly decode: readonly RouterBackend[];
}

export function backendsByRole(backends: readonly RouterBackend[]): BackendsByRole {
  const ofRole = (role: ProcessRole) => backends.filter((backend) => backend.role === role);
  return { both: ofRole("both"), prefill: ofRole("prefill"), decode: ofRole("decode") };
}

/** Whether prefill and decode run on different ranks, so that a router has to run each request through both. */
export function isDisaggregated(backends: readonly RouterBackend[]): boolean {
  return backends.some(({ role }) => role !== "both");
}

export function backendUrl({ host, port }: RouterBackend): string {
  return serverUrl(host, port);
}
