import { PenstockError } from "../errors/mod.ts";
import { check } from "./check.ts";
import { makeForms } from "./forms.ts";
import { type KeyTable, makeKeyTree } from "./key-tree.ts";
import type { ConfigNotice } from "./notice.ts";
import type { Assignment, Provenance } from "./origin.ts";
import { type ConfigProblem, type Findings, formatProblems } from "./problem.ts";
import { type FileRequest, readFile, type ReadText } from "./read-file.ts";
import { findNamedKey, type FlagPart, readFlag } from "./read-flag.ts";
import { readText as readTextOfFile } from "./read-text.ts";
import { type Config, configSchema } from "./schema/config.ts";
import { type CommandPart, splitWords } from "./split-words.ts";

/** The checked configuration and where each of its values came from. */
export interface LoadedConfig {
  readonly config: Config;
  readonly provenance: Provenance;
  /** What was adjusted, left alone or is called otherwise here: the user should see every line. */
  readonly notices: readonly ConfigNotice[];
}

/**
 * Reads the words after `penstock serve`: defaults, then the files from left to right, then the flags. Files are
 * those of the machine unless the caller has others.
 *
 * @throws PenstockError CONFIG_INVALID, naming every mistake at once.
 */
export async function loadConfig(
  words: readonly string[],
  readText: ReadText = readTextOfFile,
): Promise<LoadedConfig> {
  const root = makeKeyTree(configSchema);
  const forms = makeForms(root);
  const { files, flags, problems: strays } = sortParts(forms.standalone, splitWords(words));
  const fromFiles = await Promise.all(files.map((file) => readFile(forms, file, readText)));
  const fromFlags = flags.map((flag) => readFlag(forms.standalone, flag));
  const found = merge([...fromFiles, ...fromFlags]);
  const { config, provenance, ...checked } = check(root, found.values);

  const problems = [...strays, ...found.problems, ...checked.problems];
  const notices = [...found.notices, ...checked.notices];
  if (problems.length === 0) return { config, provenance, notices };
  throw new PenstockError("CONFIG_INVALID", {
    mistakeCount: problems.length,
    report: formatProblems(problems),
  });
}

interface SortedParts {
  readonly files: readonly FileRequest[];
  readonly flags: readonly FlagPart[];
  readonly problems: readonly ConfigProblem[];
}

/** Tells `--section @ file.toml`, a file for one section, from a flag that happens to stand before a file. */
function sortParts(root: KeyTable, parts: readonly CommandPart[]): SortedParts {
  const files: FileRequest[] = [];
  const flags: FlagPart[] = [];
  const problems: ConfigProblem[] = [];
  let section: FileRequest["section"];
  for (const [index, part] of parts.entries()) {
    if (part.kind === "flag") {
      const named = part.words.length === 0 ? findNamedKey(root, part.name) : undefined;
      const isSection =
        named !== undefined &&
        !named.negated &&
        named.node.kind !== "leaf" &&
        parts[index + 1]?.kind === "file";
      if (isSection) section = named.node;
      else flags.push(part);
    } else if (part.kind === "file") {
      if (part.path === "") refuse("@", part.order, "Expected a file after it, found none");
      else files.push({ ...part, section });
      section = undefined;
    } else refuse(part.word, part.order, 'Expected "@ FILE" or "--key VALUE"');
  }
  return { files, flags, problems };

  function refuse(word: string, order: number, message: string): void {
    problems.push({ origin: { kind: "flag", flag: word, order }, path: "", message });
  }
}

function merge(findings: readonly Findings<Assignment>[]): Findings<Assignment> {
  return {
    values: findings.flatMap(({ values }) => values),
    problems: findings.flatMap(({ problems }) => problems),
    notices: findings.flatMap(({ notices }) => notices),
  };
}
