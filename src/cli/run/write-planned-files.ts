import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PenstockError } from "../../errors/mod.ts";
import type { PlannedFile } from "../../plan/mod.ts";

/**
 * Writes the files below the output directory, and makes the folder for logs, which Slurm expects to be there.
 *
 * @throws PenstockError OUTPUT_DIR_NOT_WRITABLE
 */
export async function writePlannedFiles(
  outputDirectory: string,
  files: readonly PlannedFile[],
): Promise<void> {
  try {
    await mkdir(join(outputDirectory, "logs"), { recursive: true });
    for (const { path, content } of files) {
      const file = join(outputDirectory, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
    }
  } catch (error) {
    const facts = { directory: outputDirectory, reason: (error as Error).message };
    throw new PenstockError("OUTPUT_DIR_NOT_WRITABLE", facts, { cause: error });
  }
}
