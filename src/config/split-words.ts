/** One part of the command line after `penstock serve`, before anything is known about its meaning. */
export type CommandPart =
  | { readonly kind: "file"; readonly path: string; readonly order: number }
  | {
      readonly kind: "flag";
      /** As written, without dashes and value: "server.port". */
      readonly name: string;
      readonly words: readonly string[];
      readonly order: number;
    }
  | { readonly kind: "stray"; readonly word: string; readonly order: number };

/**
 * Splits the words of a command into files (`@ base.toml`) and flags (`--a.b 1 2`, `--a.b=1`). A flag takes
 * the words up to the next flag or file; the words before the first flag belong to nobody.
 */
export function splitWords(words: readonly string[]): readonly CommandPart[] {
  const parts: CommandPart[] = [];
  let index = 0;
  while (index < words.length) {
    const order = index;
    const word = words[index++]!;
    if (word.startsWith("@")) {
      const isApart = word === "@" && words[index] !== undefined && !isFlag(words[index]!);
      parts.push({ kind: "file", path: isApart ? words[index++]! : word.slice(1), order });
    } else if (!isFlag(word)) {
      parts.push({ kind: "stray", word, order });
    } else if (word.includes("=")) {
      const at = word.indexOf("=");
      parts.push({ kind: "flag", name: word.slice(2, at), words: [word.slice(at + 1)], order });
    } else {
      const end = words.findIndex((next, at) => at >= index && startsPart(next));
      const values = words.slice(index, end === -1 ? undefined : end);
      index += values.length;
      parts.push({ kind: "flag", name: word.slice(2), words: values, order });
    }
  }
  return parts;
}

function isFlag(word: string): boolean {
  return word.length > 2 && word.startsWith("--");
}

function startsPart(word: string): boolean {
  return isFlag(word) || word.startsWith("@");
}
