/** Records kept of one answer. */
const recordsMax = 10_000;

/** A key of `scontrol show … -o`: "JobId", "CPUs/Task", "AllocNode:Sid". */
const key = /(?:^| )(?<key>[A-Z][A-Za-z/:]*)=/g;

export type Fields = Readonly<Record<string, string>>;

/**
 * Reads what `scontrol show … -o` prints: one record a line, `Key=value` apart by blanks. Values may hold blanks
 * themselves and are not quoted, so that a value ends where the next key begins; of a key that is there twice the
 * first one counts, because what a user has named comes behind what Slurm says. "(null)" and "N/A" are left out.
 */
export function parseFields(text: string): readonly Fields[] {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(0, recordsMax)
    .map(parseRecord);
}

function parseRecord(line: string): Fields {
  const fields: Record<string, string> = Object.create(null) as Record<string, string>;
  const keys = [...line.matchAll(key)];
  for (const [index, match] of keys.entries()) {
    const name = match.groups!["key"]!;
    const value = line.slice(match.index + match[0].length, keys[index + 1]?.index).trim();
    if (name in fields || value === "(null)" || value === "N/A" || value === "") continue;
    fields[name] = value;
  }
  return fields;
}
