import { existsSync } from "node:fs";
import { outputOf, runProgram } from "./run-program.ts";

/** The programs that the lab runs, and Debian's package of each. */
const programs = {
  "/usr/sbin/slurmctld": "slurmctld",
  "/usr/sbin/slurmd": "slurmd",
  "/usr/bin/sbatch": "slurm-client",
  "/usr/sbin/munged": "munge",
  "/usr/sbin/ip": "iproute2",
} as const;

const installMsMax = 300_000;
// The installation must ask nothing, and start no daemon but the lab's own.
const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };

/** Names of Debian packages that have yet to be installed. */
export function missingPackages(): readonly string[] {
  return Object.entries(programs)
    .filter(([program]) => !existsSync(program) && !existsSync(program.replace("/usr", "")))
    .map(([, name]) => name);
}

/** Installs what is missing. Where the package lists know nothing of it they are fetched first. */
export async function installPackages(): Promise<void> {
  const names = missingPackages();
  if (names.length === 0) return;
  const install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", ...names];
  const first = await runProgram(install, { env: environment, timeoutMs: installMsMax });
  if (first.exitCode === 0) return;
  await outputOf(["apt-get", "update", "-q"], { env: environment, timeoutMs: installMsMax });
  await outputOf(install, { env: environment, timeoutMs: installMsMax });
}
