import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { resolveModel } from "./resolve-model.ts";

function placesWithModels(context: TestContext) {
  const root = mkdtempSync(join(tmpdir(), "penstock-models-"));
  context.after(() => rmSync(root, { recursive: true, force: true }));
  const places = { workingDirectory: join(root, "here"), bundledModels: join(root, "bundled") };
  mkdirSync(join(places.workingDirectory, "mine"), { recursive: true });
  mkdirSync(join(places.bundledModels, "penstock", "reverse-moe"), { recursive: true });
  writeFileSync(join(places.workingDirectory, "file"), "");
  return places;
}

test("resolveModel() takes a directory first, then a bundled model", async (context) => {
  const places = placesWithModels(context);
  const mine = join(places.workingDirectory, "mine");
  const bundled = join(places.bundledModels, "penstock", "reverse-moe");
  assert.equal(await resolveModel("mine", places), mine);
  assert.equal(await resolveModel(mine, places), mine);
  assert.equal(await resolveModel("penstock/reverse-moe", places), bundled);
});

test("resolveModel() fetches only what is not on this machine and not bundled", async (context) => {
  const asked: string[] = [];
  const fetchModel = (name: string) => {
    asked.push(name);
    return Promise.resolve(name === "a/b" ? "/fetched" : undefined);
  };
  const places = { ...placesWithModels(context), fetchModel };
  assert.equal(await resolveModel("a/b", places), "/fetched");
  await resolveModel("mine", places);
  await resolveModel("penstock/reverse-moe", places);
  for (const name of ["nothing", "penstock/reverse-mo"])
    await assert.rejects(resolveModel(name, places), { code: "MODEL_NOT_FOUND" });
  assert.deepEqual(asked, ["a/b", "nothing"]);
});

test("resolveModel() names what it tried and what there is", async (context) => {
  const places = placesWithModels(context);
  await assert.rejects(resolveModel("nobody/nothing", places), {
    code: "MODEL_NOT_FOUND",
    message: /"nobody\/nothing".*here\/nobody\/nothing" and ".*bundled\/nobody\/nothing"/,
    hint: /penstock\/reverse-moe/,
  });
  for (const name of ["file", "../bundled/nothing", "/no/such", "a\0b"])
    await assert.rejects(resolveModel(name, places), { code: "MODEL_NOT_FOUND" });
});
