import { join } from "node:path";
import type { TestContext } from "node:test";
import { jsonText } from "../json-text.ts";
import type { ProcessSpec } from "../process-spec.ts";

const folder = join(import.meta.dirname, "../../../../test/llmd-files");

/** Compares with a reviewed file in test/llmd-files, whose README says how to write it anew. */
export function assertGolden(t: TestContext, path: string, content: string | object): void {
  const text = typeof content === "string" ? content : jsonText(content);
  t.assert.fileSnapshot(text, join(folder, path), { serializers: [(value) => String(value)] });
}

/** Commands as lists of words, and everything else that makes a process, without its files. */
export function withoutFiles({ files, ...spec }: ProcessSpec): object {
  return { ...spec, files: files.map(({ path }) => path) };
}
