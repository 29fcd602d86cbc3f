import { randomInt } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";

/** Where a lab lives. Everything that it makes on the machine has a name that begins with its id. */
export interface LabPlace {
  /** Five letters: names of links may have 15 characters, and a node's name is the id and a number. */
  readonly id: string;
  readonly directory: string;
  /** The first three bytes of its addresses: "10.201.7". */
  readonly subnet: string;
  /** Process that uses it, and the tick in which that started: a pid alone may be somebody else's later. */
  readonly owner: { readonly pid: number; readonly startTick: string };
}

const prefix = "penstock-slurm-lab-";
const placeFile = "lab.json";
const attemptsMax = 50;

/** Claims a place that no other lab on this machine has. */
export function claimPlace(): LabPlace {
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const id = Array.from({ length: 5 }, () => String.fromCharCode(97 + randomInt(26))).join("");
    const subnet = `10.${randomInt(192, 250)}.${randomInt(256)}`;
    if (isSubnetTaken(subnet)) continue;
    const directory = join(tmpdir(), `${prefix}${id}`);
    mkdirSync(directory, { mode: 0o755 });
    const place = { id, directory, subnet, owner: ownProcess() };
    writeFileSync(join(directory, placeFile), JSON.stringify(place));
    return place;
  }
  throw new Error(`Found no free subnet for a lab in ${attemptsMax} attempts`);
}

/** Places whose owner has ended without closing its lab. */
export function abandonedPlaces(): readonly LabPlace[] {
  return readdirSync(tmpdir())
    .filter((name) => name.startsWith(prefix))
    .map((name) => readPlace(join(tmpdir(), name)))
    .filter((place) => place !== undefined)
    .filter(({ owner }) => startTick(owner.pid) !== owner.startTick);
}

function readPlace(directory: string): LabPlace | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, placeFile), "utf8")) as LabPlace;
  } catch {
    return undefined; // Another run makes or removes it at this moment.
  }
}

function isSubnetTaken(subnet: string): boolean {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .some(({ address }) => address.startsWith(`${subnet}.`));
}

function ownProcess(): LabPlace["owner"] {
  return { pid: process.pid, startTick: startTick(process.pid)! };
}

/** Field 22 of /proc/PID/stat, proc(5): when the process started; undefined where there is none. */
function startTick(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined; // It has ended.
  }
}
