import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

/** Makes a directory with these files for one test, and gives the paths in it. */
export function scratchDirectory(
  context: Pick<TestContext, "after">,
  files: Readonly<Record<string, string>>,
): (name: string) => string {
  const directory = mkdtempSync(join(tmpdir(), "penstock-cli-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return (name) => join(directory, name);
}
