import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes a directory, and those above it that are missing. Ends where a file system answers ENOENT below a directory
 * that is there, as /proc and automounted ones do: `mkdir` with `recursive` of Node.js asks them for ever.
 *
 * @throws a system error; EEXIST where something other than a directory is in the way.
 */
export async function makeDirectories(path: string, mode = 0o777): Promise<void> {
  try {
    await makeOne(path, mode);
  } catch (error) {
    const parent = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || parent === path) throw error;
    await makeDirectories(parent, mode);
    await makeOne(path, mode);
  }
}

async function makeOne(path: string, mode: number): Promise<void> {
  try {
    await mkdir(path, { mode });
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === "EEXIST";
    if (!isThere || !(await stat(path)).isDirectory()) throw error;
  }
}
