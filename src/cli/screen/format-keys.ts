import { listKeys } from "../../config/mod.ts";

/** The keys of the configuration with what they take, for `penstock serve --help`. */
export function formatKeys(): string {
  return listKeys()
    .map(({ path, description, expected, defaultValue, unit }) => {
      const shown = defaultValue === null ? "None" : JSON.stringify(defaultValue);
      const facts = [expected, unit, `default ${shown}`].filter((fact) => fact !== undefined);
      return `  --${path}\n      ${description}\n      (${facts.join("; ")})`;
    })
    .join("\n");
}
