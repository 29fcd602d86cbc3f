import { randomUUID } from "node:crypto";
import { constants, createReadStream } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { PenstockError } from "../errors/mod.ts";
import { lockFile } from "./file-lock.ts";
import { freeBytesOf } from "./free-space.ts";
import type { HubConnection } from "./hub-connection.ts";
import { bytesOf, type RepoCache, usingCache } from "./repo-cache.ts";
import { hashOf, type RepoFile } from "./repo-file.ts";
import { failingSoftly, TransientFailure, waitToRetry } from "./transient-failure.ts";

export interface FileFetch {
  readonly connection: HubConnection;
  readonly cache: RepoCache;
  readonly commit: string;
  /** How much of the file is here, whoever brings it. */
  readonly onBytes: (bytes: number) => void;
}

/**
 * Brings one file into the cache, where it goes on from what an earlier download left, and into the snapshot, once its
 * content is what the hub says. Waits for another process that brings the same file.
 *
 * @throws PenstockError HUB_FILE_CORRUPTED, HUB_DISK_FULL, HUB_CACHE_NOT_USABLE, HUB_LOCK_HELD and all of HubConnection
 */
export async function fetchFile(file: RepoFile, fetching: FileFetch): Promise<void> {
  const { cache, commit, connection, onBytes } = fetching;
  if (await cache.link(file, commit)) return onBytes(file.bytes);
  const blob = cache.blob(file);
  const resumable = `${blob}.incomplete`;
  const progress = async (): Promise<number> => {
    const bytes = (await bytesOf(resumable)) ?? 0;
    onBytes(bytes);
    return bytes;
  };
  const idleMsMax = connection.limits.lockIdleMsMax;
  await using lock = await lockFile(cache.lockOf(file), { progress, idleMsMax });
  if (await cache.link(file, commit)) return onBytes(file.bytes);
  // Whoever may not be alone writes a file that nobody else knows.
  const partial = lock.isExclusive ? resumable : `${blob}.${randomUUID()}.incomplete`;
  try {
    await downloadVerified(file, partial, fetching);
    await usingCache(blob, () => rename(partial, blob));
  } finally {
    if (!lock.isExclusive) await rm(partial, { force: true });
  }
  await cache.link(file, commit);
}

async function downloadVerified(
  file: RepoFile,
  partial: string,
  fetching: FileFetch,
): Promise<void> {
  for (let isSecondTry = false; ; isSecondTry = true) {
    await usingCache(partial, () => fill(file, partial, fetching));
    const hash = hashOf(file);
    await usingCache(partial, () => pipeline(createReadStream(partial), hash));
    const found = hash.digest("hex");
    if (found === file.etag) return;
    // What an earlier download left may be of no use; so may be what has just come.
    await rm(partial, { force: true });
    if (isSecondTry)
      throw new PenstockError("HUB_FILE_CORRUPTED", { file: file.path, found, wanted: file.etag });
  }
}

/** Downloads until the partial file has as many bytes as the hub says, again and again as long as that brings any. */
async function fill(file: RepoFile, partial: string, fetching: FileFetch): Promise<void> {
  const { connection, onBytes } = fetching;
  const { limits } = connection;
  await using handle = await open(partial, constants.O_RDWR | constants.O_CREAT);
  let { size: done } = await handle.stat();
  for (let failures = 0; done < file.bytes;) {
    const before = done;
    onBytes(done);
    try {
      await receive(file, { ...fetching, handle, from: done });
    } catch (error) {
      if (!(error instanceof TransientFailure)) throw error;
      done = (await handle.stat()).size;
      failures = done - before >= limits.progressBytesMin ? 1 : failures + 1;
      if (failures >= limits.failuresMax)
        throw connection.unreachable(
          `"${file.path}" broke off after ${done} of ${file.bytes} bytes: ${error.message}`,
        );
      await waitToRetry(failures, limits);
      continue;
    }
    ({ size: done } = await handle.stat());
  }
  if (done > file.bytes) await handle.truncate(file.bytes);
  await handle.sync();
}

interface Reception extends FileFetch {
  readonly handle: FileHandle;
  /** What is there already. */
  readonly from: number;
}

/** One request for the rest of a file; writes what comes. Throws TransientFailure where that is not all. */
async function receive(
  file: RepoFile,
  { connection, commit, onBytes, handle, from }: Reception,
): Promise<void> {
  const { settings, id, limits } = connection;
  const path = file.path.split("/").map(encodeURIComponent).join("/");
  const url = `${settings.endpoint}/${id.name}/resolve/${commit}/${path}`;
  const silence = new AbortController();
  const reason = new Error(`nothing came for ${limits.idleMsMax} ms`);
  const timer = setTimeout(() => silence.abort(reason), limits.idleMsMax);
  const headers: Record<string, string> = { "accept-encoding": "identity" };
  if (from > 0) headers["range"] = `bytes=${from}-`;
  try {
    await failingSoftly(async () => {
      const response = await connection.request(url, { headers, signal: silence.signal });
      let position = positionOf(response, from);
      for await (const chunk of response.body ?? []) {
        timer.refresh();
        const wanted = chunk.subarray(0, file.bytes - position);
        await writeAll(handle, {
          bytes: wanted,
          position,
          directory: connection.settings.cacheDirectory,
        });
        position += wanted.length;
        onBytes(position);
        if (position === file.bytes) return;
      }
      throw new TransientFailure("the connection was closed");
    });
  } finally {
    clearTimeout(timer);
    // What is left of an answer that is not wanted to its end.
    silence.abort();
  }
}

/** Where in the file the body of an answer begins: a server may send all of it although a part was asked for. */
function positionOf({ status, headers }: Response, from: number): number {
  if (status !== 206) return 0;
  const [, first] = /^bytes (\d+)-/.exec(headers.get("content-range") ?? "") ?? [];
  if (Number(first) === from) return from;
  throw new TransientFailure("the answer is another part of the file than was asked for");
}

async function writeAll(
  handle: FileHandle,
  {
    bytes,
    position,
    directory,
  }: { readonly bytes: Uint8Array; readonly position: number; readonly directory: string },
): Promise<void> {
  try {
    for (let done = 0; done < bytes.length;)
      done += (await handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code !== "ENOSPC" && code !== "EDQUOT")
      throw new PenstockError(
        "HUB_CACHE_NOT_USABLE",
        { path: directory, reason: message },
        { cause },
      );
    const freeBytes = code === "EDQUOT" ? 0 : await freeBytesOf(directory);
    const facts = { directory, neededBytes: bytes.length, freeBytes };
    throw new PenstockError("HUB_DISK_FULL", facts, { cause });
  }
}
