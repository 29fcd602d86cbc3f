import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

/** A fresh directory that is removed after the test. */
export function scratchDirectory(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "penstock-launch-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
