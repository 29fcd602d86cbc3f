import { readFileSync } from "node:fs";

/** Words that the bundled models have never seen in training, and turn round all the same; of 2 letters and more. */
export function heldOutWords(): readonly string[] {
  const file = new URL("../truth/held-out-words.json", import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")) as string[];
}
