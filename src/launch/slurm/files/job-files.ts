import { join } from "node:path";

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

/** The name of the folder in `logs/` that an attempt has for itself. */
export function attemptName({ jobId, restartCount }: JobAttempt): string {
  return restartCount === 0 ? `attempt_${jobId}` : `attempt_${jobId}_${restartCount}`;
}

/** The node that speaks for the whole job. */
export const headNode = 0;
