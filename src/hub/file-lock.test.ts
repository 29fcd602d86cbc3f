import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { lockFile } from "./file-lock.ts";
import { scratchDirectory } from "./test-support/hub-fixture.ts";

const still = { progress: () => Promise.resolve(0), idleMsMax: 1_000 };
const module = join(import.meta.dirname, "file-lock.ts");

test("lockFile() lets one in after the other", async (context) => {
  const file = join(scratchDirectory(context), "x.lock");
  const order: string[] = [];
  const use = async (who: string): Promise<void> => {
    await using lock = await lockFile(file, { ...still, idleMsMax: 30_000 });
    assert.equal(lock.isExclusive, true);
    order.push(`${who} in`);
    await new Promise((resolve) => setImmediate(resolve));
    order.push(`${who} out`);
  };
  await Promise.all(["a", "b", "c"].map(use));
  for (const [at, entry] of order.entries())
    if (at % 2 === 1) assert.equal(entry, order[at - 1]!.replace("in", "out"));
});

test("lockFile() gives up on a holder that gets nothing, not on one that gets on", async (context) => {
  const file = join(scratchDirectory(context), "x.lock");
  const first = await lockFile(file, still);
  await assert.rejects(lockFile(file, still), { code: "HUB_LOCK_HELD", message: /x\.lock/ });
  let bytes = 0;
  const looks = Promise.withResolvers<void>();
  const progress = (): Promise<number> => {
    bytes += 1;
    if (bytes === 6) looks.resolve();
    return Promise.resolve(bytes);
  };
  const second = lockFile(file, { progress, idleMsMax: 1_000 });
  await looks.promise;
  await first[Symbol.asyncDispose]();
  await (await second)[Symbol.asyncDispose]();
});

test("lockFile() takes over from a process that was killed", async (context) => {
  const file = join(scratchDirectory(context), "x.lock");
  const script = `import { lockFile } from ${JSON.stringify(module)};
    await lockFile(${JSON.stringify(file)}, { progress: async () => 0, idleMsMax: 10_000 });
    process.stdout.write("held");
    setInterval(() => {}, 1_000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  context.after(() => child.kill("SIGKILL"));
  await once(child.stdout, "data");
  await assert.rejects(lockFile(file, still), { code: "HUB_LOCK_HELD" });
  child.kill("SIGKILL");
  await using lock = await lockFile(file, { ...still, idleMsMax: 30_000 });
  assert.equal(lock.isExclusive, true);
});

test("lockFile() keeps others out as flock(2) of any program does", async (context) => {
  const file = join(scratchDirectory(context), "x.lock");
  const tryLock = async (): Promise<unknown> => {
    const [code] = await once(spawn("flock", ["-n", file, "true"], { stdio: "ignore" }), "exit");
    return code;
  };
  const lock = await lockFile(file, still);
  assert.equal(await tryLock(), 1);
  await lock[Symbol.asyncDispose]();
  assert.equal(await tryLock(), 0);
});
