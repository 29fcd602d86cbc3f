/** Does under Slurm what the deploying guide says, and looks for every output that it shows. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { repositoryRoot } from "../support/deployment.ts";
import {
  type CommandEnd,
  type GuideShell,
  GuideWalk,
  type Serving,
} from "../support/guide/guide-walk.ts";
import { readGuide } from "../support/guide/read-guide.ts";
import { descendantsOf } from "../support/processes.ts";
import { assertNothingLeft } from "../support/slurm-lab/assert-nothing-left.ts";
import { startSlurmLab, type SlurmLab } from "../support/slurm-lab/slurm-lab.ts";

const chapters: readonly string[] = ["Under Slurm", "When something fails"];
const nodeCount = 18;
const gpusPerNode = 2;
const commandMsMax = 120_000;
const ownDirectory = "penstock-try";

const guide = readGuide("deploying.md");
let lab: SlurmLab;

before(async () => {
  lab = await startSlurmLab({ nodeCount, gpusPerNode });
});
afterEach(() => lab.cancelAll());
after(() => lab?.close());

/** The login host, in a directory that looks like the repository and that every node sees. */
class LoginShell implements GuideShell {
  readonly directory: string;
  readonly #env: NodeJS.ProcessEnv;
  #serving: Serving | undefined;

  constructor() {
    this.directory = mkdtempSync(join(lab.sharedDirectory, "section-"));
    const bin = join(this.directory, "bin");
    mkdirSync(bin);
    symlinkSync(join(repositoryRoot, "bin", "penstock.js"), join(bin, "penstock"));
    for (const name of ["examples", "models"])
      symlinkSync(join(repositoryRoot, name), join(this.directory, name));
    const path = [bin, dirname(process.execPath), lab.environment["PATH"]].join(delimiter);
    this.#env = { ...lab.environment, PATH: path };
  }

  start(command: string): Serving {
    const words = this.#words(`exec ${this.translate(command)}`);
    const holder = lab.login.start(words, { env: this.#env, cwd: this.directory });
    let output = "";
    holder.stdout!.on("data", (chunk: Buffer) => (output += chunk.toString()));
    const exited = new Promise<number | null>((resolve) => holder.once("close", resolve));
    const interrupt = (): void => {
      const [command] = descendantsOf(holder.pid!);
      if (command !== undefined) process.kill(command.pid, "SIGINT");
    };
    return (this.#serving = { output: () => output, exited, interrupt });
  }

  async run(command: string): Promise<CommandEnd> {
    const words = this.#words(this.translate(command));
    const options = { env: this.#env, cwd: this.directory, timeoutMs: commandMsMax };
    const { exitCode, stdout } = await lab.login.run(words, options);
    return { exitCode: exitCode ?? 1, output: stdout };
  }

  /** Hosts, the partition's network, the number of the latest job, and a directory that each host has for itself. */
  translate(text: string): string {
    const { id, subnet } = lab.place;
    return text
      .replaceAll(/\bn(?=\d|\[|…)/g, id)
      .replaceAll("10.0.0.", `${subnet}.`)
      .replaceAll(`/tmp/${ownDirectory}`, join(lab.temporaryDirectory, ownDirectory))
      .replaceAll("4711", this.jobId() ?? "4711");
  }

  jobId(): string | undefined {
    return /^Submitted job (\d+)/m.exec(this.#serving?.output() ?? "")?.[1];
  }

  #words(command: string): readonly string[] {
    return ["bash", "-c", `exec 2>&1; ${command}`];
  }
}

const preparations = guide.filter(({ title, blocks }) => title === "" && blocks.length > 0);
for (const section of guide) {
  if (!chapters.includes(section.chapter) || section.title === "") continue;
  test(`the guide's section "${section.title}" does what it shows`, async () => {
    const shell = new LoginShell();
    const walk = new GuideWalk(shell);
    for (const preparation of preparations) await walk.walk(preparation);
    await walk.walk(section);
    await lab.cancelAll();
    await removeOwnFiles(shell.jobId());
    await assertNothingLeft(lab);
  });
}

/** What nodes without a shared file system write to their own disks, of which /tmp is this machine's here. */
async function removeOwnFiles(jobId: string | undefined): Promise<void> {
  const directory = join(lab.temporaryDirectory, ownDirectory);
  for (const host of [lab.login, ...lab.nodes])
    if (host.list(directory).length > 0) await host.output(["rm", "-r", directory]);
  if (jobId !== undefined) rmSync(join("/tmp", `penstock_${jobId}.log`), { force: true });
}
