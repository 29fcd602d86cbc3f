import { printable } from "../../../base/mod.ts";
import type { PlannedProcess } from "../../../plan/mod.ts";
import { quoteWord } from "../quote-word.ts";

/** A process as a shell command: its variables, then a line for the program and one for each flag. */
export function formatCommand(process: Pick<PlannedProcess, "argv" | "env">): readonly string[] {
  const variables = Object.entries(process.env).map(
    ([name, value]) => `${name}=${quoteWord(value)}`,
  );
  const lines: string[] = [];
  for (const word of process.argv)
    if (word.startsWith("-") || lines.length === 0) lines.push(quoteWord(word));
    else lines[lines.length - 1] += ` ${quoteWord(word)}`;
  const indented = lines.map((line, index) => (index === 0 ? line : `  ${line}`));
  const all = [...variables, ...indented].map((line) => printable(line));
  return all.map((line, index) => (index === all.length - 1 ? line : `${line} \\`));
}
