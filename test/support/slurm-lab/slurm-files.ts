import { join } from "node:path";
import type { LabPlace } from "./lab-place.ts";

export interface SlurmFilesOptions {
  readonly place: LabPlace;
  readonly login: SlurmMachine;
  readonly nodes: readonly SlurmMachine[];
  readonly gpusPerNode: number;
  readonly partition: string;
  /** Between SIGTERM and SIGKILL of a job. */
  readonly killWaitSeconds: number;
  /** Until a node that does not answer is down. */
  readonly slurmdTimeoutSeconds: number;
  /** Whether the freezer control group (v1) can find processes that have left their parents. */
  readonly hasFreezer: boolean;
}

interface SlurmMachine {
  readonly name: string;
  readonly address: string;
}

/** The lab's files below its `etc/`, by name. */
export function slurmFiles(options: SlurmFilesOptions): Readonly<Record<string, string>> {
  return {
    "slurm.conf": slurmConf(options),
    "gres.conf": gresConf(options),
    "cgroup.conf": cgroupConf,
    hosts: hosts(options),
  };
}

function slurmConf(options: SlurmFilesOptions): string {
  const { place, login, nodes, partition } = options;
  const directory = (name: string): string => join(place.directory, name);
  return lines({
    ClusterName: "lab",
    SlurmctldHost: `${login.name}(${login.address})`,
    SlurmctldPort: 16817,
    SlurmdPort: 16818,
    SlurmUser: "root",
    SlurmdUser: "root",
    AuthType: "auth/munge",
    CredType: "cred/munge",
    AuthInfo: `socket=${mungeSocket(place)}`,
    // Each daemon listens on its own address alone, so that labs and other clusters do not meet.
    CommunicationParameters: "NoCtldInAddrAny,NoInAddrAny",
    StateSaveLocation: directory("state"),
    SlurmdSpoolDir: directory("spool/%n"),
    SlurmctldPidFile: directory("run/slurmctld.pid"),
    SlurmdPidFile: directory("run/slurmd-%n.pid"),
    SlurmctldLogFile: directory("log/slurmctld.log"),
    SlurmdLogFile: directory("log/slurmd-%n.log"),
    MailProg: "/bin/true",
    MpiDefault: "none",
    ProctrackType: options.hasFreezer ? "proctrack/cgroup" : "proctrack/linuxproc",
    TaskPlugin: "task/none",
    JobAcctGatherType: "jobacct_gather/none",
    SelectType: "select/cons_tres",
    SelectTypeParameters: "CR_Core_Memory",
    SchedulerType: "sched/backfill",
    SchedulerParameters: "batch_sched_delay=0,sched_min_interval=0,bf_interval=5",
    // Nodes have more cores and memory on paper than the machine has.
    SlurmdParameters: "config_overrides",
    ReturnToService: 2,
    KillWait: options.killWaitSeconds,
    SlurmdTimeout: options.slurmdTimeoutSeconds,
    SlurmctldTimeout: 30,
    MessageTimeout: 10,
    MinJobAge: 3_600,
    JobRequeue: 1,
    GresTypes: "gpu",
    ...Object.fromEntries(nodes.map((node) => nodeLine(node, options.gpusPerNode))),
    PartitionName: `${partition} Nodes=${nodes.map(({ name }) => name).join(",")} Default=YES MaxTime=INFINITE State=UP`,
  });
}

function nodeLine({ name, address }: SlurmMachine, gpusPerNode: number): [string, string] {
  const gres = gpusPerNode === 0 ? "" : ` Gres=gpu:${gpusPerNode}`;
  return [`NodeName=${name} NodeAddr`, `${address} CPUs=64 RealMemory=512000${gres} State=UNKNOWN`];
}

/** Slurm counts a GPU only where it has a device file; which device that is does not matter. */
function gresConf({ place, gpusPerNode }: SlurmFilesOptions): string {
  if (gpusPerNode === 0) return "";
  const numbers = gpusPerNode === 1 ? "0" : `[0-${gpusPerNode - 1}]`;
  return `Name=gpu File=${gpuDevice(place, numbers)} Flags=nvidia_gpu_env\n`;
}

/** Control groups only find processes here; they limit nothing. */
const cgroupConf = lines({
  CgroupPlugin: "cgroup/v1",
  CgroupMountpoint: "/sys/fs/cgroup",
  CgroupAutomount: "no",
  ConstrainCores: "no",
  ConstrainRAMSpace: "no",
  ConstrainDevices: "no",
});

function hosts({ login, nodes }: SlurmFilesOptions): string {
  const machines = [login, ...nodes].map(({ name, address }) => `${address} ${name}\n`);
  return `127.0.0.1 localhost\n::1 localhost\n${machines.join("")}`;
}

export function mungeSocket({ directory }: LabPlace): string {
  return join(directory, "run", "munge.socket");
}

export function gpuDevice({ directory }: LabPlace, number: number | string): string {
  return join(directory, "dev", `nvidia${number}`);
}

function lines(settings: Readonly<Record<string, string | number>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
}
