/** Writes the generated pages of docs/reference: `npm run docs`. A test fails when they are not current. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { generatedPages } from "./generated-pages.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

for (const [path, content] of Object.entries(generatedPages())) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
  process.stdout.write(`${path}\n`);
}
