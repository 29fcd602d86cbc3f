import { parseJson } from "../../../base/mod.ts";
import type { DeploymentStatus } from "../../control/types.ts";

/** What the status file of a node holds. */
export interface NodeStatus extends DeploymentStatus {
  readonly slurm: { readonly jobId: string; readonly node: number };
  /** What Slurm calls the node. */
  readonly nodeName: string;
  /** The program and first arguments that start Penstock there. */
  readonly penstockCommand: readonly string[];
  /** When the file was written: one that grows old tells of a node that is gone. */
  readonly writtenAtMs: number;
}

/** Reads a status file; undefined for anything else. */
export function parseNodeStatus(text: string): NodeStatus | undefined {
  const status = parseJson(text) as Partial<NodeStatus> | null | undefined;
  const isStatus =
    typeof status?.slurm?.node === "number" &&
    typeof status.writtenAtMs === "number" &&
    typeof status.nodeName === "string" &&
    Array.isArray(status.penstockCommand) &&
    Array.isArray(status.view?.processes);
  return isStatus ? (status as NodeStatus) : undefined;
}
