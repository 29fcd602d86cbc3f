import assert from "node:assert/strict";
import { lstatSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { mountSmallDisk } from "../../test/support/small-disk.ts";
import { type DownloadProgress, fetchModel } from "./fetch-model.ts";
import { id, modelFiles, shortLimits, startHub, weights } from "./test-support/hub-fixture.ts";

const wanted = ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"];

test("fetchModel() lays out what the engine needs as Hugging Face's cache does", async (context) => {
  const { settings, commit } = await startHub(context);
  const directory = await fetchModel(id, { settings, part: "all", limits: shortLimits });
  const root = join(settings.cacheDirectory, "models--org--model");
  assert.equal(directory, join(root, "snapshots", commit));
  assert.deepEqual(readdirSync(directory), wanted);
  assert.deepEqual(readFileSync(join(directory, "model.safetensors")), weights);
  assert.equal(readFileSync(join(root, "refs", "main"), "utf8"), commit);
  assert.match(readlinkSync(join(directory, "config.json")), /^\.\.\/\.\.\/blobs\/[0-9a-f]{40}$/);
  const blob = readlinkSync(join(directory, "model.safetensors"));
  assert.match(blob, /^\.\.\/\.\.\/blobs\/[0-9a-f]{64}$/);
  assert.ok(lstatSync(join(directory, blob)).isFile());
  assert.equal(readdirSync(join(root, "blobs")).length, wanted.length);
  const locks = readdirSync(join(settings.cacheDirectory, ".locks", "models--org--model"));
  assert.ok(locks.every((name) => /^[0-9a-f]+\.lock$/.test(name)));
});

test("fetchModel() asks nobody for what the cache holds, online or not", async (context) => {
  const { hub, settings, commit } = await startHub(context);
  const directory = await fetchModel(id, { settings, part: "all" });
  const requestCount = hub.requests.length;
  for (const isOffline of [false, true]) {
    const again = { settings: { ...settings, isOffline }, part: "all" } as const;
    assert.equal(await fetchModel(id, again), directory);
    assert.equal(await fetchModel({ ...id, revision: commit }, again), directory);
  }
  assert.equal(hub.requests.length, requestCount);
});

test("fetchModel() takes the network for a snapshot that lacks a file, and only for that file", async (context) => {
  const { hub, settings } = await startHub(context);
  const directory = await fetchModel(id, { settings, part: "config" });
  assert.deepEqual(readdirSync(directory), ["config.json"]);
  const offline = { settings: { ...settings, isOffline: true }, part: "all" } as const;
  await assert.rejects(fetchModel(id, offline), { code: "HUB_OFFLINE", message: /org\/model/ });
  await fetchModel(id, { settings, part: "all" });
  assert.deepEqual(readdirSync(directory), wanted);
  assert.equal(hub.asked("config.json").length, 1);
  assert.equal(hub.asked("README.md").length + hub.asked("pytorch_model.bin").length, 0);
});

test("fetchModel() takes the shards that the index names", async (context) => {
  const { "model.safetensors": whole, ...others } = modelFiles;
  const map = { a: "part-1.safetensors", b: "part-2.safetensors", c: "part-1.safetensors" };
  const { settings, hub } = await startHub(context, {
    ...others,
    "model.safetensors.index.json": JSON.stringify({ weight_map: map }),
    "part-1.safetensors": whole,
    "part-2.safetensors": whole.subarray(1_000),
    "consolidated.safetensors": whole,
  });
  const directory = await fetchModel(id, { settings, part: "all" });
  assert.deepEqual(readFileSync(join(directory, "part-1.safetensors")), whole);
  assert.deepEqual(readFileSync(join(directory, "part-2.safetensors")), whole.subarray(1_000));
  assert.equal(hub.asked("consolidated.safetensors").length, 0);
  rmSync(join(directory, "part-2.safetensors"));
  const offline = { settings: { ...settings, isOffline: true }, part: "all" } as const;
  await assert.rejects(fetchModel(id, offline), { code: "HUB_OFFLINE" });
});

test("fetchModel() says what a model on the hub lacks", async (context) => {
  const { "model.safetensors": _, ...others } = modelFiles;
  const index = "model.safetensors.index.json";
  const noShard = JSON.stringify({ weight_map: { a: "gone.safetensors" } });
  const outside = JSON.stringify({ weight_map: { a: "../../x.safetensors" } });
  const cases: readonly (readonly [Record<string, Buffer | string>, RegExp])[] = [
    [{ "config.json": "{}" }, /it has no "tokenizer\.json"$/],
    [others, /it has no weights in the safetensors format$/],
    [{ ...others, [index]: "{}" }, /it has no ".*index\.json" that names/],
    [{ ...others, [index]: outside }, /it has no ".*index\.json" that names/],
    [{ ...others, [index]: noShard }, /it has no "gone\.safetensors", which/],
  ];
  for (const [files, message] of cases) {
    const { settings } = await startHub(context, files);
    const code = "HUB_MODEL_INCOMPLETE";
    await assert.rejects(fetchModel(id, { settings, part: "all" }), { code, message });
  }
});

test("fetchModel() takes a tag or a commit, and keeps revisions apart", async (context) => {
  const { hub, settings, commit } = await startHub(context);
  const before = await fetchModel(id, { settings, part: "all" });
  const changed = { ...modelFiles, "tokenizer.json": '{"model":1}' };
  const tagged = hub.add(id.name, changed, "release/v2");
  const tag = { ...id, revision: "release/v2" };
  await assert.rejects(fetchModel({ ...id, revision: "v1" }, { settings, part: "all" }), {
    code: "HUB_MODEL_NOT_FOUND",
    message: /org\/model@v1/,
  });
  const after = await fetchModel(tag, { settings, part: "all" });
  assert.notEqual(commit, tagged);
  assert.equal(await fetchModel({ ...id, revision: tagged }, { settings, part: "all" }), after);
  const contents = [before, after].map((at) => readFileSync(join(at, "tokenizer.json"), "utf8"));
  assert.deepEqual(contents, [modelFiles["tokenizer.json"], changed["tokenizer.json"]]);
  assert.equal(
    hub.asked("model.safetensors").filter(({ server }) => server === "content").length,
    1,
  );
});

test("fetchModel() tells how far it is, up to the end", async (context) => {
  const { settings } = await startHub(context);
  const seen: DownloadProgress[] = [];
  const onProgress = (progress: DownloadProgress) => void seen.push(progress);
  await fetchModel(id, { settings, part: "all", onProgress });
  const { doneBytes, totalBytes, file } = seen.at(-1)!;
  assert.deepEqual([doneBytes, file], [totalBytes, "model.safetensors"]);
  assert.ok(seen.every((progress, at) => progress.doneBytes >= (seen[at - 1]?.doneBytes ?? 0)));
});

test("fetchModel() refuses to begin what the disk has no room for", async (context) => {
  const { settings, hub } = await startHub(context);
  using disk = mountSmallDisk(200_000);
  if (disk === undefined) return context.skip("this user may not mount");
  const there = { ...settings, cacheDirectory: disk.directory };
  const failing = fetchModel(id, { settings: there, part: "all" });
  await assert.rejects(failing, { code: "HUB_DISK_FULL", message: /300\d{3} bytes are needed/ });
  assert.equal(hub.asked("model.safetensors").length, 0);
});

test("fetchModel() names the cache that it cannot write", async (context) => {
  const { settings } = await startHub(context);
  const file = join(settings.cacheDirectory, "file");
  writeFileSync(file, "");
  const there = { ...settings, cacheDirectory: file };
  await assert.rejects(fetchModel(id, { settings: there, part: "all" }), {
    code: "HUB_CACHE_NOT_USABLE",
    message: /ENOTDIR|EEXIST/,
  });
});
