import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PenstockError } from "../errors/mod.ts";
import { fetchFile } from "./fetch-file.ts";
import { checkSpace } from "./free-space.ts";
import { HubConnection } from "./hub-connection.ts";
import { formatHubId, type HubId } from "./hub-id.ts";
import type { HubSettings } from "./hub-settings.ts";
import { type HubLimits, hubLimits } from "./limits.ts";
import {
  indexFile,
  type ModelPart,
  requiredNames,
  singleFile,
  smallFilesOf,
  weightNames,
} from "./needed-files.ts";
import { RepoCache } from "./repo-cache.ts";
import type { RepoFile } from "./repo-file.ts";

/** How far a download is; the bytes are those of all files together, also of those that were here before. */
export interface DownloadProgress {
  readonly id: string;
  readonly file: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface FetchOptions {
  readonly settings: HubSettings;
  readonly part: ModelPart;
  readonly limits?: HubLimits;
  readonly onProgress?: (progress: DownloadProgress) => void;
}

/**
 * The directory that holds a model of the hub: as the cache has it, without a look at the network, where that is
 * complete; else downloaded, with what the engine needs of it and nothing more.
 *
 * @throws PenstockError HUB_OFFLINE, HUB_MODEL_NOT_FOUND, HUB_ACCESS_DENIED, HUB_UNREACHABLE, HUB_ANSWER_INVALID,
 *   HUB_MODEL_INCOMPLETE and all of fetchFile
 */
export async function fetchModel(id: HubId, options: FetchOptions): Promise<string> {
  const { settings, part, limits = hubLimits } = options;
  const cache = new RepoCache(settings.cacheDirectory, id);
  const cached = await cache.find(part);
  if (cached !== undefined) return cached;
  const { cacheDirectory, isOffline } = settings;
  if (isOffline) throw new PenstockError("HUB_OFFLINE", { id: formatHubId(id), cacheDirectory });
  // Only here, because the package behind it takes a while to load.
  const { askForCommit, askForFiles } = await import("./hub-api.ts");
  const connection = new HubConnection(id, settings, limits);
  const commit = await askForCommit(connection);
  const listed = await askForFiles(connection, commit);
  await cache.makeDirectories();
  const bring = (file: RepoFile, onBytes: (bytes: number) => void = () => {}): Promise<void> =>
    fetchFile(file, { connection, cache, commit, onBytes });
  const directory = cache.snapshot(commit);
  const files = await chooseFiles(new Map(listed.map((file) => [file.path, file])), {
    id,
    part,
    readIndex: async (index) => {
      await bring(index);
      return await readFile(join(directory, index.path), "utf8");
    },
  });
  await checkSpace(cache, files);
  await bringAll(files, { ...options, id, bring });
  await cache.noteCommit(commit);
  return directory;
}

interface Choice {
  readonly id: HubId;
  readonly part: ModelPart;
  /** Downloads an index of weights: which files there are besides stands in it. */
  readonly readIndex: (index: RepoFile) => Promise<string>;
}

/** What is wanted of a repository, weights last: where they are, the rest is, too. */
async function chooseFiles(
  listed: ReadonlyMap<string, RepoFile>,
  { id, part, readIndex }: Choice,
): Promise<readonly RepoFile[]> {
  const get = (name: string, what = `"${name}"`): RepoFile => {
    const file = listed.get(name);
    if (file !== undefined) return file;
    throw new PenstockError("HUB_MODEL_INCOMPLETE", { id: formatHubId(id), missing: what });
  };
  for (const name of requiredNames(part)) get(name);
  const small = smallFilesOf([...listed.values()], part);
  if (part === "config") return small;
  if (listed.has(singleFile)) return [...small, get(singleFile)];
  const index = get(indexFile, "weights in the safetensors format");
  const names = weightNames(false, await readIndex(index));
  if (names === undefined) throw incompleteIndex(id);
  const shards = names.map((name) => get(name, `"${name}", which its "${indexFile}" names`));
  return [...small, index, ...shards];
}

function incompleteIndex(id: HubId): PenstockError {
  const missing = `"${indexFile}" that names the files of its weights`;
  return new PenstockError("HUB_MODEL_INCOMPLETE", { id: formatHubId(id), missing });
}

interface Bringing extends Pick<FetchOptions, "onProgress"> {
  readonly id: HubId;
  readonly bring: (file: RepoFile, onBytes: (bytes: number) => void) => Promise<void>;
}

/** One after another: a connection fills most lines, and what is complete stays complete. */
async function bringAll(
  files: readonly RepoFile[],
  { id, bring, onProgress = () => {} }: Bringing,
): Promise<void> {
  const totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let before = 0;
  for (const file of files) {
    const onBytes = (bytes: number): void => {
      const doneBytes = before + Math.min(bytes, file.bytes);
      onProgress({ id: formatHubId(id), file: file.path, doneBytes, totalBytes });
    };
    await bring(file, onBytes);
    before += file.bytes;
  }
}
