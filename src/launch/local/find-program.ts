import { access, constants, stat } from "node:fs/promises";
import { delimiter, isAbsolute, join, resolve } from "node:path";

/** Where programs are looked up. */
export interface ProgramPlaces {
  /** Folders separated as in PATH. */
  readonly path: string;
  readonly workingDirectory: string;
}

/** Where the system looks for a program: a name in the folders of PATH, anything with a slash from here on. */
export function programCandidates(
  executable: string,
  { path, workingDirectory }: ProgramPlaces,
): readonly string[] {
  if (isAbsolute(executable)) return [executable];
  if (executable.includes("/")) return [resolve(workingDirectory, executable)];
  const folders = path.split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, executable));
}

/** The file that would be started; undefined where there is none that may be executed. */
export async function findProgram(
  executable: string,
  places: ProgramPlaces,
): Promise<string | undefined> {
  for (const file of programCandidates(executable, places)) if (await isProgram(file)) return file;
  return undefined;
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false; // Not there, or not ours to start: then it is not what would run.
  }
}
