/**
 * The repository tests itself: what review would otherwise have to look for in every change.
 */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { test } from "node:test";
import { catalogue, type ErrorDefinition } from "../src/errors/mod.ts";
import { describeError } from "./errors-page.ts";
import { importTable } from "./import-table.ts";
import { listFiles, readSources, root, type SourceFile } from "./source-files.ts";

const sources = readSources("src");
const everything = [
  ...sources,
  ...readSources("test"),
  ...readSources("tools"),
  ...(existsSync(join(root, "benchmarks")) ? readSources("benchmarks") : []),
];
const codeLinesWithoutTestMax = 25;

/** Files and folders whose code is run by a suite that stands elsewhere, and which. */
const testedElsewhere: Readonly<Record<string, string>> = {
  "src/engine/kernels/plain/": "src/engine/kernels/kernels.test.ts",
  "src/engine/model/attention-layer.ts": "src/engine/model/truth.test.ts",
  "src/engine/model/forward-pass.ts": "src/engine/model/truth.test.ts",
  "src/engine/model/rope-table.ts": "src/engine/model/truth.test.ts",
  "src/engine/model/sparse-layer.ts": "src/engine/model/truth.test.ts",
  "src/engine/model/step-writer.ts": "src/engine/model/truth.test.ts",
  "src/engine/model/wasm-model-runner.ts": "src/engine/model/truth.test.ts",
  "src/engine/model/weight-places.ts": "src/engine/model/truth.test.ts",
  "src/config/schema/": "src/config/schema/config.test.ts",
  "src/errors/topics/": "src/errors/catalogue.test.ts",
  "src/model-facts/config-reader.ts": "src/model-facts/model-config.test.ts",
  "src/model-facts/json-file.ts": "src/model-facts/model-config.test.ts",
  "src/model-facts/required-tensors.ts": "src/model-facts/stored-tensors.test.ts",
  "src/model-facts/rope-facts.ts": "src/model-facts/model-config.test.ts",
};

test("importTable is kept: no folder uses another that is not in its row", () => {
  const offences = sources
    .filter(isProduct)
    .flatMap((file) =>
      file.imports
        .map((line) => forbidden(file, line.target, line.typeOnly))
        .filter((reason) => reason !== undefined),
    );
  assert.deepEqual(offences, []);
});

test("importTable names every folder of src, and ARCHITECTURE.md too", () => {
  const folders = readdirSync(join(root, "src"));
  const architecture = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");
  for (const folder of folders) {
    assert.ok(folder in importTable, `src/${folder} has no row in tools/import-table.ts`);
    assert.ok(architecture.includes(`${folder}/`), `src/${folder} is not in ARCHITECTURE.md`);
  }
});

test("every source file is imported by another one", () => {
  const imported = new Set(everything.flatMap((file) => file.imports.map((line) => line.target)));
  const entries = new Set(["src/cli/mod.ts"]);
  const dead = sources.filter(
    (file) => isProduct(file) && !imported.has(file.path) && !entries.has(file.path),
  );
  assert.deepEqual(
    dead.map((file) => file.path),
    [],
  );
});

test("every source file with code of its own has its test beside it", () => {
  const paths = new Set(sources.map((file) => file.path));
  const untested = sources.filter(
    (file) =>
      isProduct(file) &&
      !paths.has(file.path.replace(/\.ts$/, ".test.ts")) &&
      !isTestedElsewhere(file.path) &&
      codeLines(file) > codeLinesWithoutTestMax,
  );
  assert.deepEqual(
    untested.map((file) => file.path),
    [],
  );
});

test("testedElsewhere names places and suites that exist", () => {
  for (const path of Object.entries(testedElsewhere).flat())
    assert.ok(existsSync(join(root, path)), path);
});

test("source files hold no leftovers", () => {
  const leftovers = /\b(FIXME|TODO|XXX|HACK)\b|\btest\.only\(|\bdebugger\b/;
  const offences = everything.filter(
    (file) => file.path !== "tools/tidy.test.ts" && leftovers.test(file.text),
  );
  assert.deepEqual(
    offences.map((file) => file.path),
    [],
  );
});

test("no folder is a drawer", () => {
  const drawers = new Set(["utils", "util", "common", "shared", "core", "helpers", "misc", "lib"]);
  const offences = everything.filter((file) =>
    dirname(file.path)
      .split("/")
      .some((part) => drawers.has(part)),
  );
  assert.deepEqual(
    offences.map((file) => file.path),
    [],
  );
});

test("every error code is thrown somewhere and tested", () => {
  const product = sources
    .filter((file) => isProduct(file) && !file.path.startsWith("src/errors/"))
    .map((file) => file.text)
    .join("\n");
  const tests = everything
    .filter((file) => !isProduct(file) && !file.path.startsWith("src/errors/"))
    .map((file) => file.text)
    .join("\n");
  for (const code of Object.keys(catalogue)) {
    assert.ok(product.includes(`"${code}"`), `${code} is never thrown`);
    assert.ok(tests.includes(code), `${code} has no test`);
  }
});

test("every error message keeps the wording rules", () => {
  for (const [code, definition] of Object.entries(
    catalogue as Record<string, ErrorDefinition<never>>,
  )) {
    const { message, hint } = describeError(definition);
    for (const text of [message, hint]) {
      assert.match(text, /^[A-Z<"]/, `${code}: "${text}" begins with a capital`);
      assert.doesNotMatch(text, /\.$/, `${code}: "${text}" ends without a full stop`);
      assert.doesNotMatch(text, /n't\b|n’t\b/, `${code}: "${text}" holds no contraction`);
    }
    assert.match(
      message,
      /:/,
      `${code}: "${message}" names the action, then a colon, then the state`,
    );
  }
});

test("links between documents lead somewhere", () => {
  const pages = listFiles(root).filter((path) => path.endsWith(".md"));
  const broken = pages.flatMap((page) =>
    [...readFileSync(page, "utf8").matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
      .filter((match) => !existsSync(resolve(dirname(page), match[1]!)))
      .map((match) => `${relative(root, page)}: ${match[1]}`),
  );
  assert.deepEqual(broken, []);
});

function isTestedElsewhere(path: string): boolean {
  return Object.keys(testedElsewhere).some((place) => path.startsWith(place));
}

function isProduct(file: SourceFile): boolean {
  return (
    file.path.startsWith("src/") &&
    !file.path.endsWith(".test.ts") &&
    !file.path.includes("/test-support/")
  );
}

function forbidden(file: SourceFile, target: string, typeOnly: boolean): string | undefined {
  const folder = file.path.split("/")[1]!;
  const row = importTable[folder];
  if (row === undefined) return `${file.path}: folder "${folder}" has no row`;
  if (target.startsWith("node:")) return undefined;
  if (!target.startsWith("src/"))
    return (row.packages ?? []).some((name) => target === name || target.startsWith(`${name}/`))
      ? undefined
      : `${file.path}: package "${target}"`;
  const other = target.split("/")[1]!;
  if (other === folder) return undefined;
  if (!row.folders.includes(other) && !(typeOnly && row.folders.includes(`types:${other}`)))
    return `${file.path}: folder "${other}"`;
  return target === `src/${other}/mod.ts` || other === "base"
    ? undefined
    : `${file.path}: "${target}" is not a door`;
}

function codeLines(file: SourceFile): number {
  const code = file.text
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .replaceAll(/^(?:export )?interface [\s\S]*?^\}/gm, "")
    .replaceAll(/^(?:export )?type [\s\S]*?;$/gm, "");
  return code
    .split("\n")
    .filter(
      (line) => !/^\s*(\/\/.*)?$/.test(line) && !/^(import|export (type )?\{|export \*)/.test(line),
    ).length;
}
