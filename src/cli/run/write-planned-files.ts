import { join } from "node:path";
import { makeDirectories } from "../../base/mod.ts";
import { PenstockError } from "../../errors/mod.ts";
import { writeFilesBelow } from "../../launch/mod.ts";
import type { PlannedFile } from "../../plan/mod.ts";

/**
 * Writes the files below the output directory, and makes the folder for logs, which Slurm expects to be there.
 *
 * @throws PenstockError OUTPUT_DIR_NOT_WRITABLE, PLANNED_FILE_OUTSIDE
 */
export async function writePlannedFiles(
  outputDirectory: string,
  files: readonly PlannedFile[],
): Promise<void> {
  await writeFilesBelow(outputDirectory, files);
  try {
    await makeDirectories(join(outputDirectory, "logs"));
  } catch (error) {
    const facts = { directory: outputDirectory, reason: (error as Error).message };
    throw new PenstockError("OUTPUT_DIR_NOT_WRITABLE", facts, { cause: error });
  }
}
