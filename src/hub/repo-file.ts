import { createHash, type Hash } from "node:crypto";
import { isTable } from "../base/mod.ts";

/** A file of a repository as the hub lists it. */
export interface RepoFile {
  /** Relative to the repository, with slashes. */
  readonly path: string;
  readonly bytes: number;
  /** What names the file's blob in the cache, and what its content must hash to, in hexadecimal. */
  readonly etag: string;
  /** Large files are kept by their SHA-256, all others as git names a blob. */
  readonly isLfs: boolean;
}

/**
 * Reads one entry of a listing: undefined for directories.
 *
 * @throws RangeError for what is no entry: paths and names from strangers become paths on this machine.
 */
export function parseRepoFile(entry: unknown): RepoFile | undefined {
  if (!isTable(entry)) throw new RangeError("an entry is no object");
  if (entry["type"] !== "file") return undefined;
  const { path, oid, lfs, size } = entry;
  if (typeof path !== "string" || !isPlainPath(path)) throw new RangeError("a path is not plain");
  const isLfs = isTable(lfs);
  const etag = isLfs ? lfs["oid"] : oid;
  const bytes = isLfs ? lfs["size"] : size;
  if (typeof etag !== "string" || !(isLfs ? /^[0-9a-f]{64}$/ : /^[0-9a-f]{40}$/).test(etag))
    throw new RangeError(`"${path}" has no hash`);
  if (!Number.isSafeInteger(bytes) || (bytes as number) < 0)
    throw new RangeError(`"${path}" has no size`);
  return { path, bytes: bytes as number, etag, isLfs };
}

/** The hash whose digest is the file's etag. */
export function hashOf({ isLfs, bytes }: RepoFile): Hash {
  return isLfs ? createHash("sha256") : createHash("sha1").update(`blob ${bytes}\0`);
}

function isPlainPath(path: string): boolean {
  return !/[\\\0]/.test(path) && path.split("/").every((part) => !["", ".", ".."].includes(part));
}
