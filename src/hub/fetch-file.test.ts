import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { Fault } from "../../test/support/hub/hub-server.ts";
import { mountSmallDisk } from "../../test/support/small-disk.ts";
import { fetchFile } from "./fetch-file.ts";
import { askForFiles } from "./hub-api.ts";
import { HubConnection } from "./hub-connection.ts";
import type { HubLimits } from "./limits.ts";
import { RepoCache } from "./repo-cache.ts";
import { id, shortLimits, startHub, weights } from "./test-support/hub-fixture.ts";

const name = "model.safetensors";

async function setUp(
  context: TestContext,
  faults: readonly Fault[] = [],
  limits: Partial<HubLimits> = {},
) {
  const fixture = await startHub(context);
  fixture.hub.faults.set(name, [...faults]);
  const connection = fixture.connect(limits);
  const listed = await askForFiles(connection, fixture.commit);
  const file = listed.find(({ path }) => path === name)!;
  await fixture.cache.makeDirectories();
  const seen: number[] = [];
  const { cache, commit } = fixture;
  const onBytes = (bytes: number) => void seen.push(bytes);
  const fetching = { connection, cache, commit, onBytes };
  return {
    ...fixture,
    file,
    seen,
    fetching,
    partial: `${cache.blob(file)}.incomplete`,
    inSnapshot: join(cache.snapshot(commit), name),
    ranges: () => fixture.hub.asked(name).filter(({ server }) => server === "content"),
    fetch: () => fetchFile(file, fetching),
  };
}

/** What goes wrong, and how many requests get the file nevertheless. */
const survived: Readonly<Record<string, readonly [faults: readonly Fault[], requests: number]>> = {
  "a hub that is overloaded": [[{ status: 503 }, { status: 429 }], 3],
  "connections that are cut": [
    [
      { afterBytes: 100_000, ends: "cut" },
      { afterBytes: 50_000, ends: "cut" },
      { afterBytes: 0, ends: "cut" },
    ],
    4,
  ],
  "a server that falls silent": [[{ afterBytes: 100_000, ends: "silent" }], 2],
  "a server that ignores the range": [
    [{ afterBytes: 100_000, ends: "silent" }, { ignoresRange: true }],
    2,
  ],
  "a server that sends another range": [
    [{ afterBytes: 100_000, ends: "silent" }, { otherRange: true }],
    3,
  ],
  "other content at the first try": [[{ content: randomBytes(weights.length) }], 2],
  "an answer that is too long": [[{ content: Buffer.concat([weights, weights]) }], 1],
  "an answer that is too short": [[{ content: weights.subarray(0, 200_000) }], 2],
};

for (const [what, [faults, requestCount]] of Object.entries(survived))
  test(`fetchFile() survives ${what}`, async (context) => {
    const { fetch, partial, inSnapshot, seen, ranges } = await setUp(context, faults);
    await fetch();
    assert.deepEqual(readFileSync(inSnapshot), weights);
    assert.equal(existsSync(partial), false);
    assert.equal(ranges().length, requestCount);
    assert.equal(seen.at(-1), weights.length);
  });

test("fetchFile() waits for a slow server as long as something comes", async (context) => {
  const { fetch, ranges, inSnapshot } = await setUp(context, [{ pieces: 5, pauseMs: 900 }], {
    idleMsMax: 3_000,
  });
  await fetch();
  assert.equal(ranges().length, 1);
  assert.deepEqual(readFileSync(inSnapshot), weights);
});

test("fetchFile() goes on where an earlier download stopped", async (context) => {
  const { fetch, partial, inSnapshot, ranges } = await setUp(context);
  writeFileSync(partial, weights.subarray(0, 123_456));
  await fetch();
  assert.deepEqual(
    ranges().map(({ range }) => range),
    ["bytes=123456-"],
  );
  assert.deepEqual(readFileSync(inSnapshot), weights);
});

test("fetchFile() asks for nothing where all is there, and anew where it is of no use", async (context) => {
  const { fetch, partial, inSnapshot, ranges } = await setUp(context);
  writeFileSync(partial, Buffer.concat([weights, Buffer.alloc(10)]));
  await fetch();
  assert.equal(ranges().length, 0);
  const other = await setUp(context);
  writeFileSync(other.partial, Buffer.alloc(weights.length - 1));
  await other.fetch();
  assert.deepEqual(readFileSync(other.inSnapshot), weights);
  assert.equal(other.ranges().length, 2);
  assert.deepEqual(readFileSync(inSnapshot), weights);
});

test("fetchFile() replaces a blob that is too short", async (context) => {
  const { fetch, cache, file, inSnapshot } = await setUp(context);
  await fetch();
  truncateSync(cache.blob(file), 1_000);
  await fetch();
  assert.deepEqual(readFileSync(inSnapshot), weights);
});

test("fetchFile() gives up on content that is wrong twice, and leaves nothing of it", async (context) => {
  const wrong = { content: randomBytes(weights.length) };
  const { fetch, partial, cache, file } = await setUp(context, [wrong, wrong]);
  await assert.rejects(fetch(), { code: "HUB_FILE_CORRUPTED", message: /model\.safetensors/ });
  assert.equal(existsSync(partial), false);
  assert.equal(existsSync(cache.blob(file)), false);
});

test("fetchFile() gives up when nothing comes any more, and keeps what has come", async (context) => {
  const cut = { afterBytes: 0, ends: "cut" } as const;
  const faults: readonly Fault[] = [
    { afterBytes: 100_000, ends: "silent" },
    ...Array.from({ length: shortLimits.failuresMax }, () => cut),
  ];
  const { fetch, partial } = await setUp(context, faults);
  await assert.rejects(fetch(), {
    code: "HUB_UNREACHABLE",
    message: /"model\.safetensors" broke off after \d+ of 300000 bytes/,
  });
  assert.ok(statSync(partial).size > 0);
});

test("fetchFile() says where the disk is full", async (context) => {
  const { fetching, file } = await setUp(context);
  using disk = mountSmallDisk(200_000);
  if (disk === undefined) return context.skip("this user may not mount");
  const cache = new RepoCache(disk.directory, id);
  await cache.makeDirectories();
  await assert.rejects(fetchFile(file, { ...fetching, cache }), { code: "HUB_DISK_FULL" });
});

test("fetchFile() downloads once for two that want the same file", async (context) => {
  const faults: readonly Fault[] = [{ afterBytes: 100_000, ends: "silent" }];
  const { fetch, ranges, inSnapshot } = await setUp(context, faults);
  await Promise.all([fetch(), fetch()]);
  assert.deepEqual(
    ranges().map(({ range }) => range === undefined),
    [true, false],
    "one answer fell silent, and the same downloader asked for the rest",
  );
  assert.deepEqual(readFileSync(inSnapshot), weights);
});

test("fetchFile() shows its token to the hub alone", async (context) => {
  const { settings, commit, cache, hub, file } = await setUp(context);
  hub.token = "secret";
  const connection = new HubConnection(id, { ...settings, token: "secret" }, shortLimits);
  await fetchFile(file, { connection, cache, commit, onBytes: () => {} });
  const shown = hub.asked(name).map(({ server, authorization }) => [server, authorization]);
  assert.deepEqual(shown, [
    ["hub", "Bearer secret"],
    ["content", undefined],
  ]);
});

test("fetchFile() works where there is no flock, in a file of its own", async (context) => {
  const { fetch, inSnapshot, partial } = await setUp(context);
  const { PATH } = process.env;
  process.env["PATH"] = "/nowhere";
  context.after(() => (process.env["PATH"] = PATH));
  writeFileSync(partial, "somebody else writes here");
  await fetch();
  assert.deepEqual(readFileSync(inSnapshot), weights);
  assert.equal(readFileSync(partial, "utf8"), "somebody else writes here");
});
