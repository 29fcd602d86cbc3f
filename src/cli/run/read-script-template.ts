import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { Config } from "../../config/mod.ts";
import { PenstockError } from "../../errors/mod.ts";

const templateBytesMax = 1024 * 1024;

/**
 * The text of the file that slurm.template_path names, from the directory of the command on; undefined where it is None.
 *
 * @throws PenstockError SLURM_TEMPLATE_INVALID
 */
export async function readScriptTemplate(
  { slurm }: Pick<Config, "slurm">,
  workingDirectory: string,
): Promise<string | undefined> {
  const named = slurm?.template_path ?? null;
  if (named === null) return undefined;
  const path = resolve(workingDirectory, named);
  try {
    const status = await stat(path);
    if (status.isFile() && status.size <= templateBytesMax) return await readFile(path, "utf8");
  } catch (error) {
    const facts = { path, reason: (error as Error).message };
    throw new PenstockError("SLURM_TEMPLATE_INVALID", facts, { cause: error });
  }
  const reason = `it must be a file of up to ${templateBytesMax} bytes`;
  throw new PenstockError("SLURM_TEMPLATE_INVALID", { path, reason });
}
