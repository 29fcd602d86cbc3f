import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { isRunning } from "../../../test/support/processes.ts";
import { ProcessTree } from "../tree/process-tree.ts";
import { cleanUp } from "./clean-up.ts";
import { nothingToKeep } from "./keeper-state.ts";

function temporaryDirectory(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "penstock-keeper-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

async function start(context: TestContext, script: string) {
  const tree = new ProcessTree();
  const child = spawn(process.execPath, ["-e", script], {
    env: { ...process.env, ...tree.env },
    stdio: ["ignore", "pipe", "ignore"],
  });
  context.after(() => child.kill("SIGKILL"));
  await once(child.stdout, "data");
  return { child, tree: { token: tree.token, members: [] } };
}

test("cleanUp() asks first, and kills who does not listen", async (context) => {
  const gentle = await start(
    context,
    'process.on("SIGTERM", () => process.exit(3)); process.stdout.write("up"); setInterval(() => {}, 1e3)',
  );
  const stubborn = await start(
    context,
    'process.on("SIGTERM", () => {}); process.stdout.write("up"); setInterval(() => {}, 1e3)',
  );
  const ends = [gentle, stubborn].map(({ child }) => once(child, "exit"));
  await cleanUp({ ...nothingToKeep, trees: [gentle.tree, stubborn.tree] }, new Map());
  assert.deepEqual(await Promise.all(ends), [
    [3, null],
    [null, "SIGKILL"],
  ]);
  assert.ok(![gentle, stubborn].some(({ child }) => isRunning(child.pid!)));
});

test("cleanUp() removes files of /dev/shm and directories, save where somebody listens", async (context) => {
  const path = `/dev/shm/penstock-test-${process.pid}-clean-up`;
  closeSync(openSync(path, "wx"));
  context.after(() => rmSync(path, { force: true }));
  const [left, used] = [temporaryDirectory(context), temporaryDirectory(context)];
  writeFileSync(join(left, "x"), "");
  const server = createServer().listen(join(used, "socket"));
  context.after(() => server.close());
  await once(server, "listening");
  const files = [{ path, inode: lstatSync(path).ino }];
  await cleanUp({ trees: [], files, directories: [left, used, join(left, "gone")] }, new Map());
  assert.deepEqual([path, left, used].map(existsSync), [false, false, true]);
});

test("cleanUp() removes files of /dev/shm that the processes use and nobody has seen yet, save older ones", async (context) => {
  const [old, late] = ["old", "late"].map(
    (name) => `/dev/shm/penstock-test-${process.pid}-${name}`,
  );
  context.after(() => [old!, late!].forEach((path) => rmSync(path, { force: true })));
  closeSync(openSync(old!, "wx"));
  const before = new Map([[old!, lstatSync(old!).ino]]);
  const { tree } = await start(
    context,
    `for (const path of ["${old}", "${late}"]) require("node:fs").openSync(path, "a");
    process.stdout.write("up"); setInterval(() => {}, 1e3)`,
  );
  await cleanUp({ ...nothingToKeep, trees: [tree] }, before);
  assert.deepEqual([old!, late!].map(existsSync), [true, false]);
});
