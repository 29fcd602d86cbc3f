#!/usr/bin/env node
// Starts src/cli with a Node.js that runs TypeScript itself (24 or newer): this one, or the one that the
// repository brings as an optional dependency.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const nodeMajorMin = 24;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const ownNode = join(root, "node_modules", "node", "bin", "node");

if (Number(process.versions.node.split(".")[0]) >= nodeMajorMin) {
  const { enableCompileCache } = await import("node:module");
  enableCompileCache();
  const { main } = await import("../src/cli/mod.ts");
  process.exitCode = await main(process.argv.slice(2));
} else if (existsSync(ownNode)) {
  const child = spawn(ownNode, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: "inherit",
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
    process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) =>
    process.exit(signal === null ? (code ?? 1) : 128 + constants.signals[signal]),
  );
} else {
  process.stderr.write(
    `penstock: Cannot start: this is Node.js ${process.versions.node}, ${nodeMajorMin} or newer is needed\n` +
      `  Install Node.js ${nodeMajorMin}, or run "npm ci" in ${root}, which brings one on Linux x64\n`,
  );
  process.exitCode = 1;
}
