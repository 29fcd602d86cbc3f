import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { apiKeysOf, readApiKeys } from "./read-api-keys.ts";

async function fileOf(t: TestContext, text: string, mode = 0o600): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "penstock-keys-"));
  t.after(() => rm(directory, { recursive: true }));
  const path = join(directory, "keys");
  await writeFile(path, text);
  await chmod(path, mode);
  return path;
}

function isUnusable(reason: RegExp) {
  return (error: Error & { code?: string }) => {
    assert.equal(error.code, "ROUTER_API_KEYS_UNUSABLE");
    assert.match(error.message, reason);
    assert.doesNotMatch(error.message, /secret/);
    return true;
  };
}

test("readApiKeys() takes one key a line and passes over comments and empty lines", async (t) => {
  const keys = await readApiKeys(await fileOf(t, "# ours\r\nfirst\r\n\n  second \n#third\nfourth"));
  assert.equal(keys.count, 3);
  for (const key of ["first", "second", "fourth"]) assert.ok(keys.has(key), key);
  assert.ok(!keys.has("#third"));
});

test("readApiKeys() refuses a file that it cannot use, and never quotes it", async (t) => {
  for (const [text, reason] of [
    ["", /it holds no key$/],
    ["# secret\n", /it holds no key$/],
    ["a\nsecret key\n", /line 2 is not 1 to 512 visible ASCII characters$/],
    ["s\u00e9cret-secret", /line 1 is not/],
    ["secret".repeat(100), /line 1 is not/],
    ["secret\n".repeat(257), /it holds 257 keys, more than 256$/],
    ["\n".repeat(262_145), /it is longer than 262144 bytes$/],
  ] as const) {
    const path = await fileOf(t, text);
    await assert.rejects(readApiKeys(path), isUnusable(reason));
  }
});

test("readApiKeys() refuses a file that others can get at", async (t) => {
  const isRoot = process.getuid?.() === 0;
  for (const mode of isRoot ? [0o604, 0o660, 0o644] : [0o604, 0o640, 0o660, 0o644]) {
    const path = await fileOf(t, "secret\n", mode);
    const text = `mode 0${mode.toString(8)} instead of 0600`;
    await assert.rejects(readApiKeys(path), isUnusable(new RegExp(text)));
  }
  assert.ok((await readApiKeys(await fileOf(t, "secret\n", 0o400))).has("secret"));
});

test("readApiKeys() refuses what is no file, and waits for no writer of a pipe", async (t) => {
  const path = await fileOf(t, "");
  await assert.rejects(readApiKeys(`${path}-none`), isUnusable(/failed with ENOENT$/));
  await assert.rejects(readApiKeys(join(path, "..")), isUnusable(/it is no regular file$/));
  execFileSync("mkfifo", ["-m", "600", `${path}-pipe`]);
  await assert.rejects(readApiKeys(`${path}-pipe`), isUnusable(/it is no regular file$/));
});

test("apiKeysOf() takes one key, and names where a wrong one came from", () => {
  assert.ok(apiKeysOf("secret", "here").has("secret"));
  assert.throws(() => apiKeysOf("secret key", "here"), isUnusable(/from here: its value is not/));
});
