import { printable } from "../../../base/mod.ts";
import type { PlannedProcess } from "../../../plan/mod.ts";

const plainWord = /^[\w@%+=:,./{}-]+$/;

/** A process as a shell command: its variables, then a line for the program and one for each flag. */
export function formatCommand(process: Pick<PlannedProcess, "argv" | "env">): readonly string[] {
  const variables = Object.entries(process.env).map(([name, value]) => `${name}=${quote(value)}`);
  const lines: string[] = [];
  for (const word of process.argv)
    if (word.startsWith("-") || lines.length === 0) lines.push(quote(word));
    else lines[lines.length - 1] += ` ${quote(word)}`;
  const indented = lines.map((line, index) => (index === 0 ? line : `  ${line}`));
  const all = [...variables, ...indented].map((line) => printable(line));
  return all.map((line, index) => (index === all.length - 1 ? line : `${line} \\`));
}

/** The text as one word of a POSIX shell. */
function quote(text: string): string {
  if (plainWord.test(text)) return text;
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
