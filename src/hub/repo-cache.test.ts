import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { RepoCache } from "./repo-cache.ts";
import { id, scratchDirectory } from "./test-support/hub-fixture.ts";

const commit = "c".repeat(40);
const file = { path: "config.json", bytes: 2, etag: "e".repeat(40), isLfs: false };

test("RepoCache finds a revision by its reference or as a commit, where it is complete", async (context) => {
  const directory = scratchDirectory(context);
  const branch = new RepoCache(directory, { ...id, revision: "refs/pr/1" });
  await branch.makeDirectories();
  assert.equal(await branch.find("config"), undefined);
  await branch.noteCommit(commit);
  assert.equal(await branch.find("config"), undefined);
  writeFileSync(branch.blob(file), "{}");
  assert.equal(await branch.link(file, commit), true);
  assert.equal(await branch.find("config"), branch.snapshot(commit));
  assert.equal(await branch.find("all"), undefined);
  const pinned = new RepoCache(directory, { ...id, revision: commit });
  assert.equal(await pinned.find("config"), branch.snapshot(commit));
  assert.equal(await new RepoCache(directory, id).find("config"), undefined);
});

test("RepoCache reads a snapshot of plain files, as systems without links have them", async (context) => {
  const cache = new RepoCache(scratchDirectory(context), { ...id, revision: commit });
  mkdirSync(cache.snapshot(commit), { recursive: true });
  for (const name of ["config.json", "tokenizer.json", "tokenizer_config.json"])
    writeFileSync(join(cache.snapshot(commit), name), "{}");
  assert.equal(await cache.find("all"), undefined);
  writeFileSync(join(cache.snapshot(commit), "model.safetensors"), "");
  assert.equal(await cache.find("all"), cache.snapshot(commit));
});

test("RepoCache trusts no reference that is not a commit", async (context) => {
  const directory = scratchDirectory(context);
  const cache = new RepoCache(directory, id);
  await cache.noteCommit("../../elsewhere");
  assert.equal(await cache.find("config"), undefined);
});

test("RepoCache links only blobs of the right size, and replaces a link that leads nowhere", async (context) => {
  const cache = new RepoCache(scratchDirectory(context), id);
  await cache.makeDirectories();
  assert.equal(await cache.link(file, commit), false);
  writeFileSync(cache.blob(file), "{");
  assert.equal(await cache.link(file, commit), false);
  const other = { ...file, etag: "f".repeat(40) };
  for (const one of [file, other]) {
    writeFileSync(cache.blob(one), one === file ? "{}" : "[]");
    assert.equal(await cache.link(one, commit), true);
  }
  assert.equal(readFileSync(join(cache.snapshot(commit), "config.json"), "utf8"), "[]");
});
