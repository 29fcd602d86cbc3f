import { open } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { PenstockError } from "../errors/mod.ts";

/** No configuration or index file of a model is anywhere near this. */
export const jsonFileBytesMax = 64 * 1024 * 1024;

export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The JSON object in a file, or null when there is no such file.
 *
 * @throws PenstockError MODEL_JSON_INVALID, MODEL_FILE_UNREADABLE
 */
export async function readOptionalJsonFile(file: string): Promise<JsonObject | null> {
  const text = await readText(file);
  return text === null ? null : parseJsonObject(file, text);
}

/**
 * The JSON object in a file that must be there.
 *
 * @throws PenstockError MODEL_FILE_MISSING, MODEL_JSON_INVALID, MODEL_FILE_UNREADABLE
 */
export async function readJsonFile(file: string, purpose: string): Promise<JsonObject> {
  const object = await readOptionalJsonFile(file);
  if (object === null) {
    const facts = { directory: dirname(file), file: basename(file), purpose };
    throw new PenstockError("MODEL_FILE_MISSING", facts);
  }
  return object;
}

/** @throws PenstockError MODEL_JSON_INVALID */
export function parseJsonObject(file: string, text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const reason = `it is not JSON (${(cause as Error).message})`;
    throw new PenstockError("MODEL_JSON_INVALID", { file, reason }, { cause });
  }
  if (!isJsonObject(value))
    throw new PenstockError("MODEL_JSON_INVALID", { file, reason: `it holds ${quote(value)}` });
  return value;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A parsed JSON value as an error message shows it: JSON again, cut to a readable length. */
export function quote(value: unknown): string {
  const text = value === undefined ? "absent" : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** True for a failed open of a file that is not there, as opposed to one that may not be read. */
export function isNotFound(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return code === "ENOENT" || code === "ENOTDIR";
}

async function readText(file: string): Promise<string | null> {
  try {
    await using handle = await open(file, "r");
    const { size } = await handle.stat();
    if (size > jsonFileBytesMax) {
      const reason = `it has ${size} bytes, at most ${jsonFileBytesMax} are read`;
      throw new PenstockError("MODEL_JSON_INVALID", { file: join(file), reason });
    }
    return await handle.readFile("utf8");
  } catch (cause) {
    if (isNotFound(cause)) return null;
    if (cause instanceof PenstockError) throw cause;
    const reason = (cause as Error).message;
    throw new PenstockError("MODEL_FILE_UNREADABLE", { file, reason }, { cause });
  }
}
