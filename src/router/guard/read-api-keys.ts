import type { Stats } from "node:fs";
import { PenstockError } from "../../errors/mod.ts";
import { ApiKeys } from "./api-keys.ts";
import { FileFault, readFile } from "./read-file.ts";

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
  try {
    const { bytes, status } = await readFile(path, fileBytesMax);
    checkAccess(status);
    return parseKeys(bytes.toString("latin1"));
  } catch (fault) {
    if (!(fault instanceof FileFault)) throw fault;
    throw unusable(`file "${path}"`, fault.message, fault);
  }
}

/** @throws PenstockError ROUTER_API_KEYS_UNUSABLE */
export function apiKeysOf(key: string, source: string): ApiKeys {
  if (!keyPattern.test(key)) throw unusable(source, `its value is not ${expected}`);
  return new ApiKeys([key]);
}

/** A file of the system administrator's may be readable by the group of those who run servers, no other one. */
function checkAccess({ uid, mode }: Stats): void {
  const forbidden = uid === 0 ? 0o037 : 0o077;
  if ((mode & forbidden) === 0) return;
  const bits = (mode & 0o777).toString(8).padStart(4, "0");
  throw new FileFault(`other users have access to it (mode ${bits} instead of 0600)`);
}

function parseKeys(text: string): ApiKeys {
  const keys: string[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const key = line.trim();
    if (key === "" || key.startsWith("#")) continue;
    if (!keyPattern.test(key)) throw new FileFault(`line ${index + 1} is not ${expected}`);
    keys.push(key);
  }
  if (keys.length === 0) throw new FileFault("it holds no key");
  if (keys.length > keyCountMax) {
    throw new FileFault(`it holds ${keys.length} keys, more than ${keyCountMax}`);
  }
  return new ApiKeys(keys);
}

function unusable(source: string, reason: string, cause?: unknown): PenstockError {
  return new PenstockError("ROUTER_API_KEYS_UNUSABLE", { source, reason }, { cause });
}
