import assert from "node:assert/strict";
import { test } from "node:test";
import { makeForms } from "./forms.ts";
import { makeKeyTree } from "./key-tree.ts";
import { positionOf } from "./origin.ts";
import { fileBytesMax, readFile } from "./read-file.ts";
import { configSchema } from "./schema/config.ts";

const forms = makeForms(makeKeyTree(configSchema));
const request = { path: "a.toml", order: 3, section: undefined };
const read = (text: string) => readFile(forms, request, async () => await Promise.resolve(text));

test("readFile() keeps the text and the keys as written, to find their place later", async () => {
  const { values } = await read("[server]\nport = 1");
  assert.deepEqual(values[0]?.origin, {
    kind: "file",
    file: { path: "a.toml", text: "[server]\nport = 1" },
    keys: ["server", "port"],
    order: 3,
  });
});

test("readFile() counts positions without a byte order mark", async () => {
  const { problems } = await read("\u{feff}[sever]\nport = 1");
  assert.deepEqual(positionOf(problems[0]!.origin, "key"), { line: 1, column: 2 });
});

test("readFile() says where TOML ends to be TOML", async () => {
  const { problems } = await read("seed = 1\nseed = 2");
  assert.equal(problems[0]?.position?.line, 2);
  assert.match(problems[0].message, /^Invalid TOML: /);
});

test("readFile() says why a file cannot be read", async () => {
  const messageFor = async (code: string) => {
    const fail = () => Promise.reject(Object.assign(new Error("E"), { code }));
    return (await readFile(forms, request, fail)).problems[0]?.message;
  };
  assert.match((await messageFor("ENOENT"))!, /no such file/);
  assert.match((await messageFor("EISDIR"))!, /directory/);
  assert.match((await messageFor("EACCES"))!, /not permitted/);
  assert.match((await messageFor("EIO"))!, /E$/);
});

test("readFile() reads files at its limit and none past it", async () => {
  assert.deepEqual((await read("#".repeat(fileBytesMax))).problems, []);
  assert.match((await read("#".repeat(fileBytesMax + 1))).problems[0]!.message, /larger than/);
});
