import assert from "node:assert/strict";
import { isPenstockError, type PenstockError } from "../../errors/mod.ts";
import { loadConfig, type LoadedConfig } from "../load-config.ts";
import { formatNotice } from "../notice.ts";
import type { ReadText } from "../read-file.ts";

/** File texts by their paths. */
export type Files = Readonly<Record<string, string>>;

/** Reads from a table of files; what is not in it is not there. */
export function readFrom(files: Files): ReadText {
  return async (path) => {
    const text = Object.hasOwn(files, path) ? files[path] : undefined;
    if (text === undefined) throw Object.assign(new Error("no such file"), { code: "ENOENT" });
    return await Promise.resolve(text);
  };
}

/** Loads what the words say; they are parted at blanks. */
export async function load(words: string, files: Files = {}): Promise<LoadedConfig> {
  return await loadConfig(split(words), readFrom(files));
}

/** The report of a configuration that must be refused. */
export async function reportOf(words: string, files: Files = {}): Promise<string> {
  return (await factsOf(split(words), files)).report;
}

/** The facts of the refusal of a configuration that must be refused. */
export async function factsOf(
  words: readonly string[],
  files: Files = {},
): Promise<PenstockError<"CONFIG_INVALID">["facts"]> {
  try {
    await loadConfig(words, readFrom(files));
  } catch (error) {
    assert.ok(isPenstockError(error) && error.code === "CONFIG_INVALID", String(error));
    return (error as PenstockError<"CONFIG_INVALID">).facts;
  }
  throw new assert.AssertionError({ message: "the configuration was taken" });
}

/** What the user is told of a configuration that is taken, one line a notice. */
export async function noticesOf(words: string, files: Files = {}): Promise<string> {
  return (await load(words, files)).notices.map(formatNotice).join("\n");
}

function split(words: string): readonly string[] {
  return words.split(" ").filter((word) => word !== "");
}
