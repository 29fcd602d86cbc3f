import assert from "node:assert/strict";
import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { runtimeDirectories, whyNotPrivate, whyNotTrusted } from "./runtime-directory.ts";
import { runtimeDirectory } from "./test-support/fake-deployment.ts";

test("runtimeDirectories() prefers the session's directory, and finds those of other environments", () => {
  const uid = process.getuid!();
  const all = runtimeDirectories({ XDG_RUNTIME_DIR: "/run/mine" });
  assert.equal(all[0], "/run/mine/penstock");
  assert.ok(all.includes(`/run/user/${uid}/penstock`));
  assert.ok(all.includes(join(tmpdir(), `penstock-${uid}`)));
  assert.equal(new Set(all).size, all.length);
  assert.equal(runtimeDirectories({ XDG_RUNTIME_DIR: "run" })[0], `/run/user/${uid}/penstock`);
});

test("runtimeDirectories() gives the one that PENSTOCK_RUNTIME_DIR names and no other", () => {
  const env = { PENSTOCK_RUNTIME_DIR: "/srv/p", XDG_RUNTIME_DIR: "/run/mine" };
  assert.deepEqual(runtimeDirectories(env), ["/srv/p"]);
});

test("whyNotPrivate() makes a directory for this user alone", async (context) => {
  const directory = join(runtimeDirectory(context), "penstock");
  assert.equal(await whyNotPrivate(directory), undefined);
  assert.equal(statSync(directory).mode & 0o777, 0o700);
  assert.equal(await whyNotPrivate(directory), undefined, "one that is there");
});

test("whyNotPrivate() refuses links, files, directories of others and those that others may use", async (context) => {
  const parent = runtimeDirectory(context);
  const real = join(parent, "real");
  mkdirSync(real, { mode: 0o700 });
  symlinkSync(real, join(parent, "link"));
  assert.match((await whyNotPrivate(join(parent, "link")))!, /is no directory/);
  writeFileSync(join(parent, "file"), "");
  assert.match((await whyNotPrivate(join(parent, "file")))!, /is no directory/);
  chmodSync(real, 0o750);
  assert.match((await whyNotPrivate(real))!, /others may use/);
  if (process.getuid!() !== 0) assert.match((await whyNotTrusted("/proc"))!, /belongs to user 0/);
  assert.match((await whyNotPrivate(join(parent, "missing", "deep")))!, /ENOENT/);
});
