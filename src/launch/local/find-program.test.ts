import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { scratchDirectory } from "../test-support/scratch-directory.ts";
import { findProgram } from "./find-program.ts";

test("findProgram() takes the first file of PATH that may be executed", async (context) => {
  const scratch = scratchDirectory(context);
  const folders = ["a", "b", "c", "d"].map((name) => join(scratch, name));
  mkdirSync(join(folders[0]!, "vllm"), { recursive: true });
  for (const folder of folders.slice(1)) mkdirSync(folder);
  writeFileSync(join(folders[1]!, "vllm"), "", { mode: 0o600 });
  for (const folder of folders.slice(2)) writeFileSync(join(folder, "vllm"), "", { mode: 0o700 });
  const places = { path: `:${folders.join(":")}`, workingDirectory: scratch };
  assert.equal(await findProgram("vllm", places), join(folders[2]!, "vllm"));
  assert.equal(await findProgram("./d/vllm", places), join(folders[3]!, "vllm"));
  assert.equal(await findProgram(join(folders[3]!, "vllm"), places), join(folders[3]!, "vllm"));
  assert.equal(await findProgram("sglang", places), undefined);
});
