import { statfs } from "node:fs/promises";
import { PenstockError } from "../errors/mod.ts";
import { bytesOf, type RepoCache } from "./repo-cache.ts";
import type { RepoFile } from "./repo-file.ts";

/** What this user may still write to the disk of a directory. */
export async function freeBytesOf(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

/**
 * Makes sure, before hours of download, that their result has a place.
 *
 * @throws PenstockError HUB_DISK_FULL
 */
export async function checkSpace(cache: RepoCache, files: readonly RepoFile[]): Promise<void> {
  let neededBytes = 0;
  for (const file of files) {
    const here =
      (await bytesOf(cache.blob(file))) ?? (await bytesOf(`${cache.blob(file)}.incomplete`)) ?? 0;
    neededBytes += Math.max(0, file.bytes - here);
  }
  const freeBytes = await freeBytesOf(cache.blobs);
  if (neededBytes > freeBytes)
    throw new PenstockError("HUB_DISK_FULL", { directory: cache.blobs, neededBytes, freeBytes });
}
