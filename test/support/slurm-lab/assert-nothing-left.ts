import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "../eventually.ts";
import type { LabHost } from "./lab-host.ts";
import type { SlurmLab } from "./slurm-lab.ts";

const slurmdPort = 16818;
const clearMsMax = 60_000;
/** A look goes through every process of the machine. */
const pollMs = 250;
const shownMax = 20;
const commandCharsMax = 160;

/**
 * Fails unless every host comes to rest: no job, no process but Slurm's own, no listening socket but Slurm's own, no
 * file in /dev/shm, no file in the directory for temporary files.
 */
export async function assertNothingLeft(lab: SlurmLab): Promise<void> {
  const hosts = [lab.login, ...lab.nodes].filter(({ isOn }) => isOn);
  let left: readonly string[] = [];
  const isClear = async (): Promise<boolean> => {
    await sleep(pollMs);
    left = hosts.flatMap((host) => leftOn(lab, host));
    return left.length === 0;
  };
  await eventually("the hosts to come to rest", isClear, clearMsMax).catch(() => undefined);
  assert.deepEqual(left.slice(0, shownMax), []);
  await lab.untilIdle();
}

function leftOn(lab: SlurmLab, host: LabHost): readonly string[] {
  const isLogin = host === lab.login;
  const daemon = isLogin ? /^(munged|slurmctld) |slurmscriptd/ : /^slurmd -D /;
  const processes = host.processes().filter(({ command }) => !daemon.test(command));
  const ports = isLogin ? [] : host.listeningPorts().filter((port) => port !== slurmdPort);
  // The private directory of the control sockets stays for the next deployment; it has to be empty.
  const files = host.list(lab.temporaryDirectory).filter((name) => name !== ownDirectory);
  const sockets = host.list(join(lab.temporaryDirectory, ownDirectory));
  return [
    ...processes.map(({ command }) => `process ${command.slice(0, commandCharsMax)}`),
    ...ports.map((port) => `port ${port}`),
    ...host.list("/dev/shm").map((name) => `/dev/shm/${name}`),
    ...files.map((name) => `temporary file ${name}`),
    ...sockets.map((name) => `control socket ${name}`),
  ].map((what) => `${host.name}: ${what}`);
}

const ownDirectory = `penstock-${process.getuid?.()}`;
