/** Does on this machine what the deploying guide says, and looks for every output that it shows. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  accessSync,
  constants,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { after, test } from "node:test";
import { text } from "node:stream/consumers";
import { catalogue } from "../../src/errors/mod.ts";
import { repositoryRoot } from "../support/deployment.ts";
import { findServerPort } from "../support/free-ports.ts";
import {
  type CommandEnd,
  type GuideShell,
  GuideWalk,
  type Serving,
} from "../support/guide/guide-walk.ts";
import { commandsOf, readGuide } from "../support/guide/read-guide.ts";

const chapterHere = "On this machine";
const chaptersUnderSlurm: readonly string[] = ["Under Slurm", "When something fails"];
const ranksMax = 8;
const commandMsMax = 90_000;

const guide = readGuide("deploying.md");
const hasGpu = process.env["PATH"]!.split(delimiter).some((path) =>
  isExecutable(join(path, "nvidia-smi")),
);
const scratch = mkdtempSync(join(tmpdir(), "penstock-guide-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

/** A shell in a directory that looks like the repository, with ports that are free in place of the guide's. */
class LocalShell implements GuideShell, AsyncDisposable {
  readonly directory = mkdtempSync(join(scratch, "section-"));
  readonly #port: number;
  readonly #env: NodeJS.ProcessEnv;
  readonly #children: ChildProcess[] = [];

  constructor(port: number) {
    this.#port = port;
    const runtimeDirectory = join(this.directory, "run");
    const bin = join(this.directory, "bin");
    for (const path of [runtimeDirectory, bin]) mkdirSync(path, { mode: 0o700 });
    symlinkSync(join(repositoryRoot, "bin", "penstock.js"), join(bin, "penstock"));
    for (const name of ["examples", "models"])
      symlinkSync(join(repositoryRoot, name), join(this.directory, name));
    const path = [bin, dirname(process.execPath), process.env["PATH"]].join(delimiter);
    const own = { PATH: path, NO_COLOR: "1", PENSTOCK_RUNTIME_DIR: runtimeDirectory };
    this.#env = { ...process.env, ...own };
  }

  start(command: string): Serving {
    const child = this.#spawn(`exec ${this.translate(command)} ${this.#ports(command)}`);
    let output = "";
    child.stdout!.on("data", (chunk: Buffer) => (output += chunk.toString()));
    const exited = new Promise<number | null>((resolve) => child.once("close", resolve));
    return { output: () => output, exited, interrupt: () => void child.kill("SIGINT") };
  }

  async run(command: string): Promise<CommandEnd> {
    const child = this.#spawn(this.translate(command));
    const timer = setTimeout(() => child.kill("SIGKILL"), commandMsMax);
    const exited = new Promise<number | null>((resolve) => child.once("close", resolve));
    const [output, exitCode] = await Promise.all([text(child.stdout!), exited]);
    clearTimeout(timer);
    return { exitCode: exitCode ?? 1, output };
  }

  /** 8000 is the router's, 8100 and on are the ranks'. */
  translate(text: string): string {
    return text.replaceAll(/\b8[01]\d\d\b/g, (port) => String(Number(port) - 8_000 + this.#port));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) child.kill("SIGKILL");
    for (const child of this.#children) await ended(child);
  }

  #ports(command: string): string {
    const server = `--server.port ${this.#port}`;
    return command.includes("disagg")
      ? `${server} --kv-transfer.kv-port ${this.#port + 50}`
      : server;
  }

  #spawn(command: string): ChildProcess {
    const child = spawn("bash", ["-c", `exec 2>&1; ${command}`], {
      cwd: this.directory,
      env: this.#env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#children.push(child);
    return child;
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

const before = guide.filter(({ chapter, title }) => chapter === chapterHere && title === "");
for (const section of guide.filter(({ chapter }) => chapter === chapterHere)) {
  if (section.title === "") continue;
  const skip = section.title.includes("GPU") && hasGpu ? "there is a GPU here" : false;
  test(`the guide's section "${section.title}" does what it shows`, { skip }, async () => {
    await using shell = new LocalShell(await findServerPort(ranksMax));
    const walk = new GuideWalk(shell);
    for (const preparation of before) await walk.walk(preparation);
    await walk.walk(section);
  });
}

test("every section of the guide with a command is run by a test", () => {
  const run = new Set([chapterHere, ...chaptersUnderSlurm]);
  const commands = guide.flatMap((section) =>
    section.blocks.flatMap(commandsOf).map((command) => ({ section, command })),
  );
  assert.ok(commands.length > 30);
  for (const { section, command } of commands)
    assert.ok(run.has(section.chapter) && section.title !== "", command);
});

test("every error code of the guide's table is in the catalogue", () => {
  const page = readFileSync(join(repositoryRoot, "docs", "guides", "deploying.md"), "utf8");
  const links = [...page.matchAll(/^\| \[`(\w+)`\]\(\.\.\/reference\/errors\.md#(\w+)\)/gm)];
  assert.ok(links.length > 12);
  for (const [, code, anchor] of links) {
    assert.ok(Object.hasOwn(catalogue, code!), code);
    assert.equal(anchor, code!.toLowerCase());
  }
});

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // Not there, or not for us to run.
  }
}
