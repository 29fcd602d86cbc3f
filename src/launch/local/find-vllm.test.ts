import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { findVllmVersion } from "./find-vllm.ts";

const directory = mkdtempSync(join(tmpdir(), "penstock-vllm-"));
after(() => rmSync(directory, { recursive: true, force: true }));

/** A virtual environment with a `vllm`, and the packages of these names. */
function environment(name: string, ...packages: readonly string[]): string {
  const bin = join(directory, name, "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "vllm"), "");
  for (const one of packages)
    mkdirSync(join(directory, name, "lib", "python3.12", "site-packages", one), {
      recursive: true,
    });
  return bin;
}

const found = environment("venv", "torch-2.9.dist-info", "vllm", "vllm-0.31.0+cu129.dist-info");
const other = environment("other", "vllm_router-1.0.dist-info");

test("findVllmVersion() reads the version of the package that the program belongs to", async () => {
  const places = { path: `${join(directory, "none")}:${other}:${found}`, workingDirectory: "/" };
  assert.equal(await findVllmVersion("vllm", places), "0.31.0+cu129");
  assert.equal(await findVllmVersion(join(found, "vllm"), places), "0.31.0+cu129");
});

test("findVllmVersion() follows links and relative paths", async () => {
  symlinkSync(join(found, "vllm"), join(directory, "linked"));
  const places = { path: "", workingDirectory: directory };
  assert.equal(await findVllmVersion("./linked", places), "0.31.0+cu129");
  assert.equal(await findVllmVersion("venv/bin/vllm", places), "0.31.0+cu129");
});

test("findVllmVersion() finds none where none is installed", async () => {
  for (const [executable, path] of [
    ["vllm", ""],
    ["vllm", other],
    ["/no/such/vllm", found],
  ] as const)
    assert.equal(await findVllmVersion(executable, { path, workingDirectory: "/" }), null);
});
