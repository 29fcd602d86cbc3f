import { readdir, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type ProgramPlaces, programCandidates } from "./find-program.ts";

/**
 * The version of the vLLM that the program belongs to: "0.31.0"; null where none is found. Read from the name of the
 * installed package beside it, `lib/python3.12/site-packages/vllm-0.31.0.dist-info`, since to ask the program itself
 * takes it many seconds.
 */
export async function findVllmVersion(
  executable: string,
  places: ProgramPlaces,
): Promise<string | null> {
  for (const program of programCandidates(executable, places)) {
    const version = await versionBeside(program);
    if (version !== null) return version;
  }
  return null;
}

/** `PREFIX/bin/vllm` belongs to the packages below `PREFIX/lib`. */
async function versionBeside(program: string): Promise<string | null> {
  const prefix = dirname(dirname(await realpathOr(program)));
  if (prefix === ".") return null;
  const library = join(prefix, "lib");
  for (const python of (await namesIn(library)).filter((name) => name.startsWith("python")))
    for (const name of await namesIn(join(library, python, "site-packages"))) {
      const version = /^vllm-(\d[\w.+]*)\.dist-info$/.exec(name)?.[1];
      if (version !== undefined) return version;
    }
  return null;
}

async function realpathOr(program: string): Promise<string> {
  try {
    return await realpath(program);
  } catch {
    return ""; // Not there, or not ours to see: then it is not what would run.
  }
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).toSorted();
  } catch {
    return []; // A program that was installed in another way.
  }
}
