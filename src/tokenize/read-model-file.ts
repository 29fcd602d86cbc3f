import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PenstockError } from "../errors/mod.ts";

/** Reads a text file of a model directory; a file that is not there gives undefined. */
export async function readOptionalFile(
  directory: string,
  file: string,
): Promise<string | undefined> {
  try {
    return await readFile(join(directory, file), "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw fileInvalid({ directory, file, cause });
  }
}

/** The file is there, but it cannot be read or parsed. */
export function fileInvalid(facts: {
  readonly directory: string;
  readonly file: string;
  readonly cause: unknown;
}): PenstockError<"TOKENIZER_INVALID"> {
  const { directory, file, cause } = facts;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new PenstockError("TOKENIZER_INVALID", { directory, file, reason }, { cause });
}
