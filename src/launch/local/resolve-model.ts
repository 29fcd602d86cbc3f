import { readdir, stat } from "node:fs/promises";
import { isAbsolute, join, resolve } from "node:path";
import { PenstockError } from "../../errors/mod.ts";

/** Where names are looked up. */
export interface ModelPlaces {
  readonly workingDirectory: string;
  /** Holds `OWNER/NAME` directories. */
  readonly bundledModels: string;
  /** Gets a model that is not on this machine and gives its directory; undefined for a name that it does not know. */
  readonly fetchModel?: FetchModel | undefined;
}

export type FetchModel = (name: string) => Promise<string | undefined>;

/** Of this owner are the bundled models alone: a name that is misspelled is not looked for elsewhere. */
const bundledOwner = "penstock";

/**
 * The directory that a model name stands for: a path, else a bundled model, else one that is fetched.
 *
 * @throws PenstockError MODEL_NOT_FOUND, naming what was tried, and what fetching throws.
 */
export async function resolveModel(name: string, places: ModelPlaces): Promise<string> {
  const asPath = resolve(places.workingDirectory, name);
  const isPlainName = !isAbsolute(name) && !name.split("/").includes("..");
  const tried = isPlainName ? [asPath, join(places.bundledModels, name)] : [asPath];
  for (const directory of tried) if (await isDirectory(directory)) return directory;
  const fetched = name.startsWith(`${bundledOwner}/`) ? undefined : await places.fetchModel?.(name);
  if (fetched !== undefined) return fetched;
  const bundled = await listBundled(places.bundledModels);
  throw new PenstockError("MODEL_NOT_FOUND", { name, tried, bundled });
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false; // Not there or not ours to see: the error names every place that was tried.
  }
}

async function listBundled(bundledModels: string): Promise<readonly string[]> {
  try {
    const names = await readdir(join(bundledModels, bundledOwner));
    return names.toSorted().map((name) => `${bundledOwner}/${name}`);
  } catch {
    return []; // An installation without models: there is nothing to suggest.
  }
}
