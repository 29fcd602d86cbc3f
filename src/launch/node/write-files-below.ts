import { writeFile } from "node:fs/promises";
import { dirname, resolve, sep } from "node:path";
import { makeDirectories } from "../../base/mod.ts";
import { PenstockError } from "../../errors/mod.ts";
import type { PlannedFile } from "../../plan/mod.ts";

/**
 * Writes planned files below a directory, the output directory of a deployment, over older ones.
 *
 * @throws PenstockError OUTPUT_DIR_NOT_WRITABLE; PLANNED_FILE_OUTSIDE, before anything is written.
 */
export async function writeFilesBelow(
  directory: string,
  files: readonly PlannedFile[],
): Promise<void> {
  const below = `${resolve(directory)}${sep}`;
  const targets = files.map(({ path, content }) => ({ file: resolve(below, path), path, content }));
  for (const { file, path } of targets)
    if (!file.startsWith(below)) throw new PenstockError("PLANNED_FILE_OUTSIDE", { path });
  try {
    for (const { file, content } of targets) {
      await makeDirectories(dirname(file));
      await writeFile(file, content);
    }
  } catch (error) {
    const facts = { directory, reason: (error as Error).message };
    throw new PenstockError("OUTPUT_DIR_NOT_WRITABLE", facts, { cause: error });
  }
}
