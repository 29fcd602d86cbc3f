/**
 * Gives the golden command lines of vLLM to vLLM's own argument parser: `npm run test:vllm-args`, or with releases:
 * `npm run test:vllm-args -- 0.26.0 0.33.0`, or `-- all`. It installs vLLM and what its parser imports with pip below
 * `build/vllm-args/` (about 6 GB, most of it torch) and is no part of `npm test`. A second run installs nothing.
 */
import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { checkedReleases, goldenReleases } from "../test/vllm-args/cases.ts";
import { documentCommands } from "../test/vllm-args/document-commands.ts";
import { goldenCommands } from "../test/vllm-args/golden.ts";
import { launchArgv, launchCases, type ResolvedLaunch } from "../test/vllm-args/launches.ts";

type Argv = readonly string[];

/** What `check_args.py` writes. */
interface Answer {
  /** Null where the parser takes the command line, and what it says where not. */
  readonly commands: Readonly<Record<string, string | null>>;
  /** What becomes of the data-parallel flags, or why vLLM refuses them. */
  readonly launches: Readonly<Record<string, ResolvedLaunch | string>>;
}

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const testFolder = join(root, "test", "vllm-args");
const buildFolder = join(root, "build", "vllm-args");
const environmentFolder = join(buildFolder, "parser");
const python = join(environmentFolder, "bin", "python");
const pip = ["-m", "pip", "install", "--disable-pip-version-check"];
const installMsMax = 1_800_000;
const checkMsMax = 300_000;
const answerBytesMax = 64 * 1024 * 1024;

const given = process.argv.slice(2);
const releases = given.length === 0 ? goldenReleases : given[0] === "all" ? checkedReleases : given;
installDependencies();
process.exitCode = 0;
for (const release of releases) if (!(await checkRelease(release))) process.exitCode = 1;

function installDependencies(): void {
  once(environmentFolder, "what the parser imports, torch among it,", () => {
    run("python3", ["-m", "venv", environmentFolder]);
    run(python, [...pip, "--requirement", join(testFolder, "requirements.txt")]);
  });
}

function installVllm(version: string): string {
  const folder = join(buildFolder, version);
  once(folder, `vllm ${version}`, () => {
    run(python, [...pip, "--no-deps", "--no-compile", "--target", folder, `vllm==${version}`]);
    // Kernels for GPUs are most of a wheel, and the parser loads none of them.
    for (const library of globSync("**/*.so*", { cwd: folder })) rmSync(join(folder, library));
  });
  return folder;
}

/** vLLM has to take what is written for a release, as it is meant, and to refuse what is said not to exist in it. */
async function checkRelease(version: string): Promise<boolean> {
  const wanted = new Map([...writtenFor(version), ...(await documentCommands(version))]);
  const unwanted = refusedFor(version);
  const answer = askVllm(version, new Map([...wanted, ...unwanted]));
  const refused = [...wanted].filter(([name]) => answer.commands[name] !== null);
  const taken = [...unwanted].filter(([name]) => answer.commands[name] === null);
  const mistaken = mistakenLaunches(answer);
  for (const [name, argv] of refused)
    say(`  refused: ${name}\n    ${String(answer.commands[name])}\n    ${argv.join(" ")}`);
  for (const [name, argv] of taken) say(`  taken: ${name}\n    ${argv.join(" ")}`);
  for (const [name, resolved] of mistaken)
    say(`  understood differently: ${name}\n    ${JSON.stringify(resolved)}`);
  const launchCount = Object.keys(launchCases).length;
  say(
    `vLLM ${version}: takes ${wanted.size - refused.length} of ${wanted.size} command lines, refuses ${unwanted.size - taken.length} of ${unwanted.size} that are not for it, understands ${launchCount - mistaken.length} of ${launchCount} launch patterns`,
  );
  return refused.length + taken.length + mistaken.length === 0;
}

function mistakenLaunches(answer: Answer): readonly (readonly [string, unknown])[] {
  return Object.entries(launchCases)
    .filter(([name, { wanted }]) => !isDeepStrictEqual(answer.launches[name], wanted))
    .map(([name]) => [name, answer.launches[name]] as const);
}

function writtenFor(version: string): ReadonlyMap<string, Argv> {
  return new Map(
    Object.entries(goldenCommands(version)).flatMap(([name, command]) =>
      "argv" in command ? [[name, command.argv.slice(2)]] : [],
    ),
  );
}

/** Cases that we refuse for this release, as another release wants them; and a flag that none has. */
function refusedFor(version: string): ReadonlyMap<string, Argv> {
  const own = writtenFor(version);
  const control = ["a flag that no release has", ["some-model", "--no-such-flag"]] as const;
  const foreign = checkedReleases.flatMap((release) =>
    [...writtenFor(release)].filter(([name]) => !own.has(name)),
  );
  return new Map([control, ...foreign]);
}

function askVllm(version: string, commands: ReadonlyMap<string, Argv>): Answer {
  const folder = installVllm(version);
  const launches = Object.entries(launchCases).map(
    ([name, launch]) => [name, launchArgv(launch, version)] as const,
  );
  const asked = {
    commands: Object.fromEntries(commands),
    launches: Object.fromEntries(launches),
  };
  const { status, stdout, stderr } = spawnSync(python, [join(testFolder, "check_args.py")], {
    env: { ...process.env, PYTHONPATH: folder, VLLM_LOGGING_LEVEL: "ERROR" },
    input: JSON.stringify(asked),
    encoding: "utf8",
    timeout: checkMsMax,
    maxBuffer: answerBytesMax,
  });
  if (status !== 0) throw new Error(`vLLM's argument parser did not load:\n${stderr.slice(-4000)}`);
  return JSON.parse(stdout.trim().split("\n").at(-1)!) as Answer;
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
