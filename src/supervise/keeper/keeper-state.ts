import type { SharedFile } from "../shared-memory/ledger.ts";

/** What has to be cleaned up when the supervisor dies. One JSON line each time it changes; the last one holds. */
export interface KeeperState {
  readonly trees: readonly {
    readonly token: string;
    /** Pids with their start times. */
    readonly members: readonly (readonly [number, string])[];
  }[];
  readonly files: readonly SharedFile[];
  readonly directories: readonly string[];
}

export const nothingToKeep: KeeperState = { trees: [], files: [], directories: [] };

/** Reads a line; a line that the supervisor did not live to finish gives undefined. */
export function readKeeperState(line: string): KeeperState | undefined {
  try {
    return JSON.parse(line) as KeeperState;
  } catch {
    return undefined; // The line before it holds.
  }
}
