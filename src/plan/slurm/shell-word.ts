import { PenstockError } from "../../errors/mod.ts";

const plainWord = /^[\w@%+=:,./-]+$/;

/**
 * The text as one word of a POSIX shell, whatever it holds.
 *
 * @throws PenstockError SLURM_VALUE_NOT_WRITABLE for a NUL, which no shell word can hold; `key` is the config key to name.
 */
export function shellWord(text: string, key: string): string {
  if (text.includes("\0"))
    throw new PenstockError("SLURM_VALUE_NOT_WRITABLE", { key, reason: "it holds a NUL" });
  if (plainWord.test(text)) return text;
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
