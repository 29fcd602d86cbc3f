import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { eventually } from "../eventually.ts";
import { abandonedPlaces, type LabPlace } from "./lab-place.ts";
import { outputOf, runProgram } from "./run-program.ts";

export const freezer = "/sys/fs/cgroup/freezer";

/** Removes what labs of killed runs have left. Their processes ended with the run. */
export async function removeAbandonedLabs(): Promise<void> {
  for (const place of abandonedPlaces()) await removeTraces(place);
}

/** Removes all that a lab whose hosts are off has made on this machine. */
export async function removeTraces(place: LabPlace): Promise<void> {
  for (const name of groupsOf(place)) thaw(join(freezer, name));
  await eventually("the lab's hosts to end", () => holdersOf(place).length === 0, 20_000);
  for (const link of await linksOf(place))
    // A link that its namespace has taken along meanwhile is what was wanted.
    await runProgram(["ip", "link", "delete", link]);
  for (const name of groupsOf(place)) await removeGroup(join(freezer, name));
  for (const path of mountsOf(place)) await outputOf(["umount", path]);
  rmSync(place.directory, { recursive: true, force: true });
}

/** What is there of a lab, each thing in words; empty after its end. */
export async function findTraces(place: LabPlace): Promise<readonly string[]> {
  return [
    ...holdersOf(place).map((pid) => `process ${pid}`),
    ...(await linksOf(place)).map((name) => `link ${name}`),
    ...groupsOf(place).map((name) => `group ${name}`),
    ...mountsOf(place).map((path) => `mount ${path}`),
    ...(existsSync(place.directory) ? [`directory ${place.directory}`] : []),
    ...Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ address }) => address.startsWith(`${place.subnet}.`))
      .map(({ address }) => `address ${address}`),
  ];
}

/** What holds a host's namespaces from outside; the processes in them end with the host by the kernel's own doing. */
function holdersOf({ directory }: LabPlace): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const [program, ...words] = readIfThere(`/proc/${pid}/cmdline`).split("\0");
      const isHolder = program === "unshare" || program === "/usr/bin/nsenter";
      return isHolder && words.some((word) => word.includes(`${directory}/`));
    })
    .map(Number);
}

async function linksOf({ id }: LabPlace): Promise<readonly string[]> {
  const links = JSON.parse(await outputOf(["ip", "-json", "link"])) as { ifname: string }[];
  return links.map(({ ifname }) => ifname).filter((name) => name.startsWith(`${id}-`));
}

function groupsOf({ id }: LabPlace): readonly string[] {
  if (!existsSync(freezer)) return [];
  return readdirSync(freezer).filter((name) => name.startsWith(`slurm_${id}`));
}

function mountsOf({ directory }: LabPlace): readonly string[] {
  return readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "")
    .filter((path) => path.startsWith(`${directory}/`));
}

/** Slurm makes a control group a node, user, job and step; one whose members have ended can be removed. */
async function removeGroup(path: string): Promise<void> {
  for (const entry of readdirSync(path, { withFileTypes: true }))
    if (entry.isDirectory()) await removeGroup(join(path, entry.name));
  await eventually(`the control group ${path} to be empty`, () => {
    if (existsSync(path)) rmdirSync(path);
    return true;
  });
}

/** A frozen process takes no signal, not even SIGKILL. */
function thaw(path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true }))
    if (entry.isDirectory()) thaw(join(path, entry.name));
  writeFileSync(join(path, "freezer.state"), "THAWED");
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // The process or group has ended between the listing and the reading.
  }
}
