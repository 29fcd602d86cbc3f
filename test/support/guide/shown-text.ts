/** What varies from run to run in the output that a guide shows. */
const variable = new RegExp(
  [
    "(?<left>…)",
    "(?<time>\\b\\d\\d:\\d\\d:\\d\\d\\b)",
    "(?<rank>x-penstock-(?:prefill-)?rank: \\d+)",
    "(?<id>\\bk4fq2w\\b)",
    "(?<number>(?<=\\bpid |ready {2,}|ended {2,})\\d+|\\d+ (?:s|min)\\b)",
    "(?<blanks> {2,})",
  ].join("|"),
  "gu",
);

/**
 * The pattern of a text that a guide shows. "…" stands for anything in a line, and alone on a line for any lines. Times,
 * pids, durations, the width of columns and the id of a deployment are examples; so is the number of a rank in a header,
 * which is the same wherever the text shows the same.
 */
export function patternOf(shown: string): RegExp {
  const ranks = new Map<string, string>();
  const lines = shown
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => (line.trim() === "…" ? "(?:.*\\n)*?" : `${patternOfLine(line, ranks)} *\\n`));
  return new RegExp(`(?<![^\\n])${lines.join("")}`, "u");
}

function patternOfLine(line: string, ranks: Map<string, string>): string {
  let pattern = "";
  let end = 0;
  for (const match of line.matchAll(variable)) {
    pattern += escaped(line.slice(end, match.index)) + patternOfVariable(match, ranks);
    end = match.index + match[0].length;
  }
  return pattern + escaped(line.slice(end));
}

function patternOfVariable(match: RegExpExecArray, ranks: Map<string, string>): string {
  const { left, time, rank, id, number } = match.groups!;
  if (left !== undefined) return ".*";
  if (time !== undefined) return "\\d\\d:\\d\\d:\\d\\d";
  if (id !== undefined) return "[a-z0-9]{6}";
  if (number !== undefined) return /\d$/.test(number) ? "\\d+" : "\\d+ (?:s|min)";
  if (rank === undefined) return " +";
  const known = ranks.get(rank);
  if (known !== undefined) return `\\k<${known}>`;
  const name = `rank${ranks.size}`;
  ranks.set(rank, name);
  return `(?<${name}>${rank.replace(/\d+$/, "\\d+")})`;
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
