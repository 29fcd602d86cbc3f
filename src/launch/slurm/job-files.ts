import { mkdir, rename, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { PenstockError } from "../../errors/mod.ts";

/** Which run of a job: it runs again each time it is put back into the queue. */
export interface JobAttempt {
  readonly jobId: string;
  readonly restartCount: number;
}

/** Where one attempt of a job leaves its files; all nodes and whoever follows agree on it without talking. */
export interface JobFiles {
  readonly logDirectory: string;
  readonly nodesDirectory: string;
  /** What is seen of node n. */
  readonly status: (node: number) => string;
  /** Why node n ended. */
  readonly cause: (node: number) => string;
  /** Where the deployment takes requests: of whichever job of this output directory was ready last. */
  readonly endpoints: string;
  /** The same of this attempt alone. */
  readonly attemptEndpoints: string;
}

export function jobFiles(outputDirectory: string, attempt: JobAttempt): JobFiles {
  const logDirectory = join(outputDirectory, "logs", attemptName(attempt));
  const nodesDirectory = join(logDirectory, "nodes");
  return {
    logDirectory,
    nodesDirectory,
    status: (node) => join(nodesDirectory, `node-${node}.json`),
    cause: (node) => join(nodesDirectory, `cause-${node}.json`),
    endpoints: join(outputDirectory, "endpoints.json"),
    attemptEndpoints: join(logDirectory, "endpoints.json"),
  };
}

function attemptName({ jobId, restartCount }: JobAttempt): string {
  return restartCount === 0 ? `attempt_${jobId}` : `attempt_${jobId}_${restartCount}`;
}

/** The node that speaks for the whole job. */
export const headNode = 0;

/** Who asks for the folders. */
export interface JobPlace {
  readonly node: number;
  /** Whether all nodes see the same ones. */
  readonly sharedFs: boolean;
}

/** Whether what is needed once in each output directory is this node's to do: a thousand nodes would only queue up. */
export function mindsDirectory({ node, sharedFs }: JobPlace): boolean {
  return node === headNode || !sharedFs;
}

/**
 * Makes the folders of an attempt, and points `logs/latest` to it where that is this node's to do.
 *
 * @throws PenstockError OUTPUT_DIR_NOT_WRITABLE
 */
export async function makeJobDirectories(
  outputDirectory: string,
  attempt: JobAttempt,
  place: JobPlace,
): Promise<JobFiles> {
  const files = jobFiles(outputDirectory, attempt);
  const logs = join(outputDirectory, "logs");
  const name = attemptName(attempt);
  try {
    await mkdir(files.nodesDirectory, { recursive: true });
    if (mindsDirectory(place)) await pointLatest(logs, name, place.node);
    return files;
  } catch (error) {
    const facts = { directory: logs, reason: (error as Error).message };
    throw new PenstockError("OUTPUT_DIR_NOT_WRITABLE", facts, { cause: error });
  }
}

/** Replaces the link in one step; nodes that see the same folder all the same do not get into each other's way. */
async function pointLatest(logs: string, name: string, node: number): Promise<void> {
  const fresh = join(logs, `.latest-${name}-${node}`);
  await rm(fresh, { force: true });
  await symlink(name, fresh);
  await rename(fresh, join(logs, "latest"));
}
