import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readHubSettings } from "./hub-settings.ts";
import { scratchDirectory } from "./test-support/hub-fixture.ts";

test("readHubSettings() finds the cache where Hugging Face's programs do", async () => {
  const cases = [
    [{}, join(homedir(), ".cache/huggingface/hub")],
    [{ XDG_CACHE_HOME: "/x" }, "/x/huggingface/hub"],
    [{ XDG_CACHE_HOME: "/x", HF_HOME: "~/hf" }, join(homedir(), "hf/hub")],
    [{ HF_HOME: "/h", HUGGINGFACE_HUB_CACHE: "/old" }, "/old"],
    [{ HF_HOME: "/h", HUGGINGFACE_HUB_CACHE: "/old", HF_HUB_CACHE: "/c" }, "/c"],
    [{ HF_HOME: "", HF_HUB_CACHE: "" }, join(homedir(), ".cache/huggingface/hub")],
  ] as const;
  for (const [env, wanted] of cases)
    assert.equal((await readHubSettings(env)).cacheDirectory, wanted);
});

test("readHubSettings() takes the token from a variable, else from a login", async (context) => {
  const home = scratchDirectory(context);
  const tokenOf = async (env: NodeJS.ProcessEnv) =>
    (await readHubSettings({ HF_HOME: home, ...env })).token;
  assert.equal(await tokenOf({}), undefined);
  writeFileSync(join(home, "token"), "hf_login\n");
  assert.equal(await tokenOf({}), "hf_login");
  assert.equal(await tokenOf({ HF_TOKEN: " hf_given\n" }), "hf_given");
  assert.equal(await tokenOf({ HF_HUB_DISABLE_IMPLICIT_TOKEN: "1" }), undefined);
});

test("readHubSettings() reads the endpoint and whether to stay offline", async () => {
  assert.equal((await readHubSettings({})).endpoint, "https://huggingface.co");
  const mirror = await readHubSettings({ HF_ENDPOINT: "http://mirror:8080/hf/" });
  assert.equal(mirror.endpoint, "http://mirror:8080/hf");
  for (const [value, wanted] of [
    ["1", true],
    ["True", true],
    ["0", false],
    ["", false],
  ] as const)
    assert.equal((await readHubSettings({ HF_HUB_OFFLINE: value })).isOffline, wanted);
  for (const value of ["mirror", "ftp://mirror"])
    await assert.rejects(readHubSettings({ HF_ENDPOINT: value }), { code: "HUB_ENDPOINT_INVALID" });
});
