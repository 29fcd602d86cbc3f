import { readdir, stat } from "node:fs/promises";
import { isAbsolute, join, resolve } from "node:path";
import { PenstockError } from "../../errors/mod.ts";

/** Where names are looked up. */
export interface ModelPlaces {
  readonly workingDirectory: string;
  /** Holds `OWNER/NAME` directories. */
  readonly bundledModels: string;
}

/**
 * The directory that a model name stands for: a path, else a bundled model.
 *
 * @throws PenstockError MODEL_NOT_FOUND, naming what was tried.
 */
export async function resolveModel(name: string, places: ModelPlaces): Promise<string> {
  const asPath = resolve(places.workingDirectory, name);
  const isPlainName = !isAbsolute(name) && !name.split("/").includes("..");
  const tried = isPlainName ? [asPath, join(places.bundledModels, name)] : [asPath];
  for (const directory of tried) if (await isDirectory(directory)) return directory;
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
  const owner = "penstock";
  try {
    const names = await readdir(join(bundledModels, owner));
    return names.toSorted().map((name) => `${owner}/${name}`);
  } catch {
    return []; // An installation without models: there is nothing to suggest.
  }
}
