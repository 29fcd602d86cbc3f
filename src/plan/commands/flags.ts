/** Values of command flags; null leaves the flag out, a list repeats it. */
export type Flags = Readonly<Record<string, string | number | null | readonly string[]>>;

/** `{ "--port": 8000, "--name": ["a", "b"] }` as the words of a command. */
export function toWords(flags: Flags): readonly string[] {
  return Object.entries(flags).flatMap(([flag, value]) => {
    const values = value === null ? [] : Array.isArray(value) ? value : [value];
    return values.flatMap((one) => [flag, String(one)]);
  });
}
