/**
 * Gives the golden command lines of vLLM to vLLM's own argument parser: `npm run test:vllm-args`, or with releases:
 * `npm run test:vllm-args -- 0.26.0 0.33.0`, or `-- all`. It installs vLLM and what its parser imports with pip below
 * `build/vllm-args/` (about 6 GB, most of it torch) and is no part of `npm test`. What is installed is not installed again.
 */
import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkedReleases, goldenReleases } from "../test/vllm-args/cases.ts";
import { goldenCommands } from "../test/vllm-args/golden.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const testFolder = join(root, "test", "vllm-args");
const buildFolder = join(root, "build", "vllm-args");
const environmentFolder = join(buildFolder, "parser");
const python = join(environmentFolder, "bin", "python");
const installMsMax = 1_800_000;
const checkMsMax = 300_000;
/** A flag that no release has: when it is taken, the check checks nothing. */
const control = {
  argv: ["some-model", "--no-such-flag-of-vllm"],
  name: "a flag that no release has",
};

const given = process.argv.slice(2);
const releases = given.length === 0 ? goldenReleases : given[0] === "all" ? checkedReleases : given;
installDependencies();
const failures = releases.map(checkRelease).reduce((sum, count) => sum + count, 0);
process.exitCode = failures === 0 ? 0 : 1;

function installDependencies(): void {
  const requirements = join(testFolder, "requirements.txt");
  once(environmentFolder, "what the parser imports, torch among it", () => {
    run("python3", ["-m", "venv", environmentFolder]);
    run(python, [
      "-m",
      "pip",
      "install",
      "--disable-pip-version-check",
      "--requirement",
      requirements,
    ]);
  });
}

/** Checks one release and says how many cases failed. */
function checkRelease(version: string): number {
  const folder = join(buildFolder, version);
  once(folder, `vllm ${version}`, () => {
    const options = [
      "--disable-pip-version-check",
      "--no-deps",
      "--no-compile",
      "--target",
      folder,
    ];
    run(python, ["-m", "pip", "install", ...options, `vllm==${version}`]);
    // Kernels for GPUs are most of a wheel, and the parser loads none of them.
    for (const library of globSync("**/*.so*", { cwd: folder })) rmSync(join(folder, library));
  });
  const commands = Object.entries(goldenCommands(version));
  const written = commands.flatMap(([name, command]) =>
    "argv" in command ? [[name, command.argv.slice(2)] as const] : [],
  );
  const verdicts = askParser(folder, [...written, [control.name, control.argv]]);
  const refused = written.filter(([name]) => verdicts[name] !== null);
  for (const [name, argv] of refused)
    say(`  refused: ${name}\n    ${String(verdicts[name])}\n    ${argv.join(" ")}`);
  const controlWorks = typeof verdicts[control.name] === "string";
  if (!controlWorks) say(`  taken: ${control.name}; this check proves nothing`);
  say(
    `vLLM ${version}: ${written.length - refused.length} of ${written.length} command lines taken; ${commands.length - written.length} cases are not for this release`,
  );
  return refused.length + (controlWorks ? 0 : 1);
}

function askParser(
  folder: string,
  commands: readonly (readonly [string, readonly string[]])[],
): Readonly<Record<string, string | null>> {
  const { status, stdout, stderr } = spawnSync(python, [join(testFolder, "check_args.py")], {
    env: { ...process.env, PYTHONPATH: folder, VLLM_LOGGING_LEVEL: "ERROR" },
    input: JSON.stringify(Object.fromEntries(commands)),
    encoding: "utf8",
    timeout: checkMsMax,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0)
    throw new Error(`vLLM's argument parser cannot be loaded:\n${stderr.slice(-4000)}`);
  return JSON.parse(stdout.trim().split("\n").at(-1)!) as Record<string, string | null>;
}

/** Does the work unless an earlier run has finished it; half of it is thrown away. */
function once(folder: string, what: string, work: () => void): void {
  const stamp = join(folder, ".complete");
  if (existsSync(stamp)) return;
  say(`installing ${what} to ${folder}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  work();
  writeFileSync(stamp, "");
}

function run(program: string, words: readonly string[]): void {
  const { status, error } = spawnSync(program, words, { stdio: "inherit", timeout: installMsMax });
  if (status !== 0)
    throw new Error(`${program} ${words.join(" ")} failed with ${String(error ?? status)}`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
