// Makes a fresh clone ready: installs the packages of package-lock.json when they are missing or the lock file has
// changed, and compiles the kernels when their sources have changed. Every npm script runs it first:
//
//   node tools/bootstrap.js && exec node bin/penstock.js serve
//
// `exec` lets the command take the shell's place, so that a signal to npm reaches it.
//
// Plain JavaScript on purpose: it is the one file that the machine's Node.js (20 or newer) runs before anything is
// installed.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const binDirectory = join(root, "node_modules", ".bin");
const installStamp = join(root, "node_modules", ".penstock-install");
const kernelStamp = join(root, "build", "kernels.stamp");
const kernelSources = join(root, "src", "engine", "kernels", "assembly");
const lockDirectory = join(root, ".bootstrap-lock");
const lockWaitMsMax = 300_000;

const environment = {
  ...process.env,
  PATH: `${binDirectory}${delimiter}${process.env.PATH ?? ""}`,
};

main();

function main() {
  const nodeMajor = Number(process.versions.node.split(".")[0]);
  if (nodeMajor < 20)
    fail(
      `Cannot set up Penstock: this is Node.js ${process.versions.node}, 20 or newer is needed`,
      "Install a newer Node.js",
    );
  if (!isReady()) withLock(setUp);
}

function isReady() {
  return readText(installStamp) === installKey() && readText(kernelStamp) === kernelKey();
}

function setUp() {
  if (readText(installStamp) !== installKey()) install();
  if (readText(kernelStamp) !== kernelKey()) compileKernels();
}

function install() {
  say("Installing packages (first start, or package-lock.json has changed) ...");
  const startedMs = Date.now();
  const result = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel", "error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    env: { ...process.env, npm_config_ignore_scripts: "true" },
  });
  if (result.status !== 0)
    fail(
      'Cannot install packages: "npm ci" failed',
      "Read its message above, mend the cause and run the command again",
    );
  writeFileSync(installStamp, installKey());
  say(`Installed in ${((Date.now() - startedMs) / 1000).toFixed(1)} s`);
}

function compileKernels() {
  if (!existsSync(kernelSources)) return;
  say("Compiling the compute kernels to WebAssembly ...");
  const startedMs = Date.now();
  const result = spawnSync("node", [join(root, "tools", "build-kernels.ts")], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    env: environment,
  });
  if (result.status !== 0)
    fail("Cannot compile the compute kernels: the compiler failed", "Read its message above");
  mkdirSync(dirname(kernelStamp), { recursive: true });
  writeFileSync(kernelStamp, kernelKey());
  say(`Compiled in ${((Date.now() - startedMs) / 1000).toFixed(1)} s`);
}

/** Two commands in one fresh clone must not install at once; the second waits, then finds all in place. */
function withLock(action) {
  const deadlineMs = Date.now() + lockWaitMsMax;
  while (!tryLock()) {
    if (Date.now() > deadlineMs) {
      fail(
        "Cannot set up Penstock: another set-up has held the lock for 5 minutes",
        `If none is running, remove ${lockDirectory} and try again`,
      );
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
  const unlock = () => rmSync(lockDirectory, { recursive: true, force: true });
  process.on("exit", unlock);
  action();
  unlock();
}

function tryLock() {
  try {
    mkdirSync(lockDirectory);
    writeFileSync(join(lockDirectory, "pid"), String(process.pid));
    return true;
  } catch {
    // Held by somebody: a holder that no longer lives has left it behind.
    const holder = Number(readText(join(lockDirectory, "pid")));
    if (holder > 0 && !isAlive(holder)) rmSync(lockDirectory, { recursive: true, force: true });
    return false;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

function installKey() {
  return createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
}

function kernelKey() {
  const hash = createHash("sha256");
  hash.update(readText(join(root, "tools", "build-kernels.ts")) ?? "");
  for (const file of listFiles(kernelSources))
    hash.update(file.slice(root.length)).update(readFileSync(file));
  return hash.digest("hex");
}

function listFiles(directory) {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .sort()
    .map((name) => join(directory, name))
    .flatMap((path) => (statSync(path).isDirectory() ? listFiles(path) : [path]));
}

function readText(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function say(line) {
  process.stderr.write(`penstock: ${line}\n`);
}

function fail(message, hint) {
  process.stderr.write(`penstock: ${message}\n${hint === undefined ? "" : `  ${hint}\n`}`);
  process.exit(1);
}
