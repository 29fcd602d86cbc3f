/**
 * Runs the tests with Node's own runner: `npm test`, or `npm test -- src/router/choose/*.test.ts` for some of them.
 * Arguments that begin with a dash go to the runner (`--test-name-pattern=…`).
 */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
// The tests of test/slurm need root and a cluster: `npm run test:slurm` runs them.
const everything = [
  "src/**/*.test.ts",
  "tools/**/*.test.ts",
  "benchmarks/**/*.test.ts",
  "test/*.test.ts",
  "test/!(slurm)/**/*.test.ts",
];

const given = process.argv.slice(2);
const options = given.filter((argument) => argument.startsWith("-"));
const files = given.filter((argument) => !argument.startsWith("-"));

const runner = spawn(
  process.execPath,
  [
    "--test",
    "--test-concurrency=2",
    "--test-timeout=300000",
    "--import=./tools/test-setup.ts",
    ...options,
    ...(files.length > 0 ? files : everything),
  ],
  { cwd: root, stdio: "inherit" },
);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => runner.kill(signal));
runner.on("exit", (code, signal) => {
  process.exitCode = signal === null ? (code ?? 1) : 128 + constants.signals[signal];
});
