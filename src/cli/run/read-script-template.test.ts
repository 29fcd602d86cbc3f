import assert from "node:assert/strict";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { loadConfig } from "../../config/mod.ts";
import { readScriptTemplate } from "./read-script-template.ts";

const directory = mkdtempSync(join(tmpdir(), "penstock-template-"));
after(() => rmSync(directory, { recursive: true, force: true }));

async function read(...words: readonly string[]): Promise<string | undefined> {
  return await readScriptTemplate((await loadConfig(words)).config, directory);
}

test("readScriptTemplate() reads the file from the command's directory on, where one is named", async () => {
  writeFileSync(join(directory, "job.sh"), "#!/bin/sh\n");
  assert.equal(await read("--slurm.template-path=job.sh"), "#!/bin/sh\n");
  assert.equal(await read("--slurm"), undefined);
  assert.equal(await read(), undefined);
});

test("readScriptTemplate() refuses what is no file that can be read", async () => {
  writeFileSync(join(directory, "large.sh"), "");
  truncateSync(join(directory, "large.sh"), 1024 * 1024 + 1);
  for (const [name, message] of [
    ["missing.sh", /missing\.sh": ENOENT/],
    [".", /a file of up to/],
    ["/dev/zero", /a file of up to/],
    ["large.sh", /a file of up to 1048576 bytes/],
  ] as const)
    await assert.rejects(read(`--slurm.template-path=${name}`), {
      code: "SLURM_TEMPLATE_INVALID",
      message,
    });
});
