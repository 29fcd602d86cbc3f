/**
 * The one gate: `npm run ok`. Types, lint, format, then the tests, which include the tidy checks and whether
 * generated docs are current. Stops at the first step that fails.
 */
import { spawnSync } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const steps: readonly (readonly [name: string, command: string, ...rest: string[]])[] = [
  ["types", "tsc", "--noEmit"],
  ["lint", "oxlint", "--type-aware", "--deny-warnings"],
  ["format", "oxfmt", "--check"],
  ["tests", "node", "tools/test.ts"],
];

process.exitCode = run();

function run(): number {
  for (const [name, command, ...rest] of steps) {
    process.stdout.write(`\n== ${name}\n`);
    const { status } = spawnSync(command, rest, { cwd: root, stdio: "inherit" });
    if (status !== 0) {
      process.stdout.write(`\nNot ok: "${name}" failed\n`);
      return status ?? 1;
    }
  }
  process.stdout.write("\nOk\n");
  return 0;
}
