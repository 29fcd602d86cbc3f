import type { Listing } from "../../../launch/mod.ts";
import { formatDuration } from "./format-duration.ts";
import { formatTable } from "./format-table.ts";

/** The deployments of a machine, a line each. */
export function formatListing(listing: Listing, nowMs: number): readonly string[] {
  const rows = listing.deployments.map(({ status }) => [
    status.id,
    status.view.phase,
    formatDuration(nowMs - status.startedAtMs),
    status.model,
    status.endpoints.client.join(" ") || "-",
    status.outputDirectory,
  ]);
  const silent = listing.unreachable.map(({ entry, error }) => [
    `pid ${entry.pid}`,
    "unknown",
    "-",
    error.message,
  ]);
  return [
    ...formatTable([["ID", "PHASE", "UP", "MODEL", "ENDPOINT", "OUTPUT"], ...rows]),
    ...silent.map((row) => formatTable([row])[0]!),
    "",
    "penstock status --deployment ID shows one of them",
  ];
}
