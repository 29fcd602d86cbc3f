import { PenstockError } from "../errors/mod.ts";
import { check } from "./check.ts";
import { type KeyTable, makeKeyTree } from "./key-tree.ts";
import type { Assignment, Provenance } from "./origin.ts";
import { type ConfigProblem, type Findings, formatProblems } from "./problem.ts";
import { type FileRequest, readFile, type ReadText } from "./read-file.ts";
import { findNamedKey, type FlagPart, readFlag } from "./read-flag.ts";
import { type Config, configSchema } from "./schema/config.ts";
import { type CommandPart, splitWords } from "./split-words.ts";

/** The checked configuration and where each of its values came from. */
export interface LoadedConfig {
  readonly config: Config;
  readonly provenance: Provenance;
}

/**
 * Reads the words after `penstock serve`: defaults, then the files from left to right, then the flags.
 *
 * @throws PenstockError CONFIG_INVALID, naming every mistake at once.
 */
export async function loadConfig(
  words: readonly string[],
  readText: ReadText,
): Promise<LoadedConfig> {
  const root = makeKeyTree(configSchema);
  const { files, flags, problems: strays } = sortParts(root, splitWords(words));
  const fromFiles = await Promise.all(files.map((file) => readFile(root, file, readText)));
  const fromFlags = flags.map((flag) => readFlag(root, flag));
  const found = merge([...fromFiles, ...fromFlags]);
  const { config, provenance, problems: wrong } = check(root, found.values);

  const problems = [...strays, ...found.problems, ...wrong];
  if (problems.length === 0) return { config, provenance };
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
  let section: FileRequest["section"] | undefined;
  for (const [index, part] of parts.entries()) {
    if (part.kind === "flag") {
      const named = part.words.length === 0 ? findNamedKey(root, part.name) : undefined;
      const isSection = named?.node.kind === "table" && parts[index + 1]?.kind === "file";
      if (isSection) section = named;
      else flags.push(part);
    } else if (part.kind === "file") {
      files.push({ ...part, section: section ?? { path: [], node: root } });
      section = undefined;
    } else {
      const origin = { kind: "flag", flag: part.word, order: part.order } as const;
      problems.push({ origin, path: "", message: 'Expected "@ FILE" or "--key VALUE"' });
    }
  }
  return { files, flags, problems };
}

function merge(findings: readonly Findings<Assignment>[]): Findings<Assignment> {
  return {
    values: findings.flatMap(({ values }) => values),
    problems: findings.flatMap(({ problems }) => problems),
  };
}
