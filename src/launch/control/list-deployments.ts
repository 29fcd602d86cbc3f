import { isPenstockError, type PenstockError } from "../../errors/mod.ts";
import { answerTimeoutMs } from "./limits.ts";
import { listSockets, removeStaleSockets, type SocketEntry } from "./remove-stale-sockets.ts";
import { runtimeDirectories, whyNotTrusted } from "./runtime-directory.ts";
import { askStatus } from "./talk.ts";
import type { DeploymentStatus } from "./types.ts";

/** What runs on this machine for this user. */
export interface Listing {
  /** Oldest first. */
  readonly deployments: readonly ListedDeployment[];
  /** Those that run and do not answer as they should. */
  readonly unreachable: readonly UnreachableDeployment[];
}

export interface ListedDeployment {
  readonly entry: SocketEntry;
  readonly status: DeploymentStatus;
}

export interface UnreachableDeployment {
  readonly entry: SocketEntry;
  readonly error: PenstockError;
}

export interface ListOptions {
  readonly directories?: readonly string[];
  /** Time that each has to answer, all being asked at once. */
  readonly timeoutMs?: number;
}

/** Asks every deployment of this user on this machine how it stands, and removes what killed ones have left. */
export async function listDeployments(options: ListOptions = {}): Promise<Listing> {
  const { directories = runtimeDirectories(), timeoutMs = answerTimeoutMs } = options;
  const entries = (await Promise.all(directories.map(listTrusted))).flat();
  const found = await Promise.all(entries.map((entry) => look(entry, timeoutMs)));
  const deployments = found.filter((item) => item !== undefined && "status" in item);
  return {
    deployments: deployments.toSorted((a, b) => a.status.startedAtMs - b.status.startedAtMs),
    unreachable: found.filter((item) => item !== undefined && "error" in item),
  };
}

async function listTrusted(directory: string): Promise<readonly SocketEntry[]> {
  if ((await whyNotTrusted(directory)) !== undefined) return [];
  await removeStaleSockets(directory);
  return await listSockets(directory);
}

/** Undefined for one that has ended. */
async function look(
  entry: SocketEntry,
  timeoutMs: number,
): Promise<ListedDeployment | UnreachableDeployment | undefined> {
  try {
    return { entry, status: await askStatus(entry, timeoutMs) };
  } catch (error) {
    if (!isPenstockError(error)) throw error;
    return error.code === "DEPLOYMENT_GONE" ? undefined : { entry, error };
  }
}
