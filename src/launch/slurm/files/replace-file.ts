import { rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** Writes a file in one step: whoever reads it finds the old text or the new one, also over NFS. */
export async function replaceFile(file: string, text: string): Promise<void> {
  const fresh = join(dirname(file), `.${basename(file)}-${process.pid}`);
  try {
    await writeFile(fresh, text);
    await rename(fresh, file);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
}
