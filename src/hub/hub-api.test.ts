import assert from "node:assert/strict";
import { test } from "node:test";
import { askForCommit, askForFiles } from "./hub-api.ts";
import { HubConnection } from "./hub-connection.ts";
import { modelFiles, shortLimits, startHub } from "./test-support/hub-fixture.ts";

test("askForCommit() and askForFiles() read what the hub has, page by page", async (context) => {
  const { connect, commit, hub } = await startHub(context);
  const connection = connect();
  assert.equal(await askForCommit(connection), commit);
  const files = await askForFiles(connection, commit);
  assert.deepEqual(
    files.map(({ path, bytes }) => [path, bytes]),
    Object.entries(modelFiles).map(([path, content]) => [path, content.length]),
  );
  assert.equal(hub.requests.filter(({ path }) => path.includes("/tree/")).length, 2);
});

test("askForCommit() tells a model or revision that is not there", async (context) => {
  const { settings } = await startHub(context);
  for (const id of [
    { name: "org/other", revision: "main" },
    { name: "org/model", revision: "v9/x" },
  ]) {
    const connection = new HubConnection(id, settings, shortLimits);
    await assert.rejects(askForCommit(connection), { code: "HUB_MODEL_NOT_FOUND" });
  }
});

test("askForFiles() refuses listings that make no sense or have no end", async (context) => {
  const { connect, commit, hub } = await startHub(context);
  const disguises: readonly ((entry: Record<string, unknown>) => unknown)[] = [
    (entry) => ({ ...entry, path: "../../outside" }),
    (entry) => ({ ...entry, oid: "../x", lfs: undefined }),
    (entry) => ({ ...entry, size: -1, lfs: undefined }),
    () => "no entry",
    () => null,
  ];
  for (const disguise of disguises) {
    hub.disguise = disguise;
    await assert.rejects(askForFiles(connect(), commit), { code: "HUB_ANSWER_INVALID" });
  }
  hub.disguise = (entry) => entry;
  await assert.rejects(askForFiles(connect({ filesMax: 5 }), commit), {
    code: "HUB_ANSWER_INVALID",
    message: /more than 5 files/,
  });
  await assert.rejects(askForFiles(connect({ pagesMax: 1 }), commit), {
    code: "HUB_ANSWER_INVALID",
    message: /more than 1 pages/,
  });
});
