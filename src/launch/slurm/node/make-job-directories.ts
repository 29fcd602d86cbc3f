import { join } from "node:path";
import { makeDirectories } from "../../../base/mod.ts";
import { PenstockError } from "../../../errors/mod.ts";
import { pointLatest } from "../../node/point-latest.ts";
import {
  attemptName,
  headNode,
  type JobAttempt,
  type JobFiles,
  jobFiles,
} from "../files/job-files.ts";

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
    await makeDirectories(files.nodesDirectory);
    if (mindsDirectory(place)) await pointLatest(logs, name, `${name}-${place.node}`);
    return files;
  } catch (error) {
    const facts = { directory: logs, reason: (error as Error).message };
    throw new PenstockError("OUTPUT_DIR_NOT_WRITABLE", facts, { cause: error });
  }
}
