import { PenstockError } from "../../errors/mod.ts";

/** How a command's own flag is written: alone, or with a word behind it. */
export type OwnFlags = Readonly<Record<string, "switch" | "value">>;

export interface ParsedWords<Flags extends OwnFlags> {
  /** True for a switch, the word for a value; flags that were not given are not in it. */
  readonly own: { readonly [Name in keyof Flags]?: Flags[Name] extends "switch" ? true : string };
  /** What is left: files and keys of the configuration. */
  readonly words: readonly string[];
}

/**
 * Parts a command's own flags, wherever they stand, from the words of the configuration behind it; no key of the
 * configuration has the name of one.
 *
 * @throws PenstockError COMMAND_INVALID where a flag's word is missing
 */
export function takeOwnFlags<Flags extends OwnFlags>(
  words: readonly string[],
  flags: Flags,
): ParsedWords<Flags> {
  const own: Record<string, true | string> = {};
  const rest: string[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!;
    const name = word.startsWith("--") ? word.slice(2) : "";
    const kind = Object.hasOwn(flags, name) ? flags[name] : undefined;
    if (kind === undefined) rest.push(word);
    else own[name] = kind === "switch" ? true : valueOf(name, words[++index]);
  }
  return { own: own as ParsedWords<Flags>["own"], words: rest };
}

function valueOf(name: string, word: string | undefined): string {
  if (word !== undefined && !word.startsWith("-")) return word;
  throw new PenstockError("COMMAND_INVALID", {
    reason: `expected a value for --${name}, found none`,
  });
}
