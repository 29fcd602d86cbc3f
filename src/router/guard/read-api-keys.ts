import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { PenstockError } from "../../errors/mod.ts";
import { ApiKeys } from "./api-keys.ts";

/** Every request is compared with every key. */
const keyCountMax = 256;
const fileBytesMax = 262_144;
/** What an Authorization header can carry without doubt. */
const keyPattern = /^[!-~]{1,512}$/;
const expected = "1 to 512 visible ASCII characters";

/**
 * Reads keys from a file, one a line; empty lines and those that begin with "#" are none.
 * @throws PenstockError ROUTER_API_KEYS_UNUSABLE, which never quotes what the file holds
 */
export async function readApiKeys(path: string): Promise<ApiKeys> {
  const source = `file "${path}"`;
  const file = await openFile(path, source);
  try {
    await checkAccess(file, source);
    return parseKeys(await readText(file, source), source);
  } finally {
    await file.close();
  }
}

/** @throws PenstockError ROUTER_API_KEYS_UNUSABLE */
export function apiKeysOf(key: string, source: string): ApiKeys {
  if (!keyPattern.test(key)) throw unusable(source, `its value is not ${expected}`);
  return new ApiKeys([key]);
}

/** Never waits for the writer of a pipe. */
async function openFile(path: string, source: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw unusable(source, `opening it failed with ${code ?? message}`, cause);
  }
}

/** A file of the system administrator's may be readable by the group of those who run servers, no other one. */
async function checkAccess(file: FileHandle, source: string): Promise<void> {
  const status = await file.stat();
  if (!status.isFile()) throw unusable(source, "it is no regular file");
  const forbidden = status.uid === 0 ? 0o037 : 0o077;
  if ((status.mode & forbidden) === 0) return;
  const mode = (status.mode & 0o777).toString(8).padStart(4, "0");
  throw unusable(source, `other users have access to it (mode ${mode} instead of 0600)`);
}

async function readText(file: FileHandle, source: string): Promise<string> {
  const buffer = Buffer.alloc(fileBytesMax + 1);
  let byteCount = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, byteCount, buffer.length - byteCount);
    byteCount += bytesRead;
    if (byteCount > fileBytesMax) throw unusable(source, `it is longer than ${fileBytesMax} bytes`);
    if (bytesRead === 0) return buffer.toString("latin1", 0, byteCount);
  }
}

function parseKeys(text: string, source: string): ApiKeys {
  const keys: string[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const key = line.trim();
    if (key === "" || key.startsWith("#")) continue;
    if (!keyPattern.test(key)) throw unusable(source, `line ${index + 1} is not ${expected}`);
    keys.push(key);
  }
  if (keys.length === 0) throw unusable(source, "it holds no key");
  if (keys.length > keyCountMax) {
    throw unusable(source, `it holds ${keys.length} keys, more than ${keyCountMax}`);
  }
  return new ApiKeys(keys);
}

function unusable(source: string, reason: string, cause?: unknown): PenstockError {
  return new PenstockError("ROUTER_API_KEYS_UNUSABLE", { source, reason }, { cause });
}
