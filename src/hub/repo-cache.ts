import { readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { makeDirectories } from "../base/mod.ts";
import { PenstockError } from "../errors/mod.ts";
import type { HubId } from "./hub-id.ts";
import {
  indexFile,
  type ModelPart,
  requiredNames,
  singleFile,
  weightNames,
} from "./needed-files.ts";
import type { RepoFile } from "./repo-file.ts";

/**
 * One model in the cache that all programs of Hugging Face share:
 *
 *     models--org--name/blobs/ETAG               content; ETAG.incomplete while it comes
 *     models--org--name/snapshots/COMMIT/PATH    links to blobs
 *     models--org--name/refs/REVISION            the commit that a branch or tag stood for
 *     .locks/models--org--name/ETAG.lock         held by whoever writes the blob
 *
 * https://huggingface.co/docs/huggingface_hub/guides/manage-cache
 */
export class RepoCache {
  readonly #id: HubId;
  readonly #root: string;
  readonly #locks: string;

  constructor(cacheDirectory: string, id: HubId) {
    const folder = `models--${id.name.replace("/", "--")}`;
    this.#id = id;
    this.#root = join(cacheDirectory, folder);
    this.#locks = join(cacheDirectory, ".locks", folder);
  }

  get blobs(): string {
    return join(this.#root, "blobs");
  }

  blob({ etag }: RepoFile): string {
    return join(this.blobs, etag);
  }

  lockOf({ etag }: RepoFile): string {
    return join(this.#locks, `${etag}.lock`);
  }

  snapshot(commit: string): string {
    return join(this.#root, "snapshots", commit);
  }

  /** The snapshot of the wanted revision, where it holds this part of the model; undefined otherwise. */
  async find(part: ModelPart): Promise<string | undefined> {
    const { revision } = this.#id;
    const commit = (await readOptional(join(this.#root, "refs", revision)))?.trim() ?? revision;
    if (!/^[0-9a-f]{40}$/.test(commit)) return undefined;
    const directory = this.snapshot(commit);
    return (await isComplete(directory, part)) ? directory : undefined;
  }

  async makeDirectories(): Promise<void> {
    await usingCache(this.#root, async () => {
      await makeDirectories(this.blobs);
      await makeDirectories(this.#locks);
    });
  }

  /** Puts a blob into the snapshot under the file's name; false where there is no such blob yet. */
  async link(file: RepoFile, commit: string): Promise<boolean> {
    const blob = this.blob(file);
    if ((await bytesOf(blob)) !== file.bytes) return false;
    const pointer = join(this.snapshot(commit), file.path);
    await usingCache(pointer, async () => {
      await makeDirectories(dirname(pointer));
      // First beside it: a name that is there already is replaced at once, and is never missing.
      const beside = `${pointer}.${process.pid}.link`;
      await rm(beside, { force: true });
      await symlink(relative(dirname(pointer), blob), beside);
      await rename(beside, pointer);
    });
    return true;
  }

  /** Notes which commit the revision stands for. */
  async noteCommit(commit: string): Promise<void> {
    const { revision } = this.#id;
    if (revision === commit) return;
    const file = join(this.#root, "refs", revision);
    await usingCache(file, async () => {
      await makeDirectories(dirname(file));
      const beside = `${file}.${process.pid}.new`;
      await writeFile(beside, commit);
      await rename(beside, file);
    });
  }
}

/** The size of a file that is there, links followed. */
export async function bytesOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch {
    return undefined; // Not there: whoever needs it makes it, and fails with a better reason where that cannot be.
  }
}

/** @throws PenstockError HUB_CACHE_NOT_USABLE where the action fails for the system's reasons */
export async function usingCache<Result>(
  path: string,
  action: () => Promise<Result>,
): Promise<Result> {
  try {
    return await action();
  } catch (cause) {
    if (cause instanceof PenstockError || !isSystemError(cause)) throw cause;
    throw new PenstockError("HUB_CACHE_NOT_USABLE", { path, reason: cause.message }, { cause });
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}

async function isComplete(directory: string, part: ModelPart): Promise<boolean> {
  const names = [...requiredNames(part)];
  if (part === "all") {
    const hasSingle = (await bytesOf(join(directory, singleFile))) !== undefined;
    const weights = weightNames(hasSingle, await readOptional(join(directory, indexFile)));
    if (weights === undefined) return false;
    names.push(...weights);
  }
  const sizes = await Promise.all(names.map((name) => bytesOf(join(directory, name))));
  return sizes.every((bytes) => bytes !== undefined);
}

async function readOptional(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch {
    return undefined; // Not there: the cache does not know it.
  }
}
