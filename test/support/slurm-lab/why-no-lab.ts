import { spawnSync } from "node:child_process";
import { missingPackages } from "./packages.ts";

const checkMsMax = 10_000;

/**
 * Why no lab can be started on this machine, in words; undefined where one can. Needs no package and changes nothing:
 * what is tried is tried in namespaces that end with the trial.
 */
export function whyNoLab(): string | undefined {
  if (process.platform !== "linux") return `needs Linux, this is ${process.platform}`;
  if (process.getuid?.() !== 0) return `needs root, this is user ${process.getuid?.()}`;
  return whyNoPackages() ?? whyNoNamespaces() ?? whyNoBridge();
}

function whyNoPackages(): string | undefined {
  const missing = missingPackages();
  if (missing.length === 0 || succeeds(["apt-get", "--version"]) === undefined) return undefined;
  return `needs the Debian packages ${missing.join(", ")}, and there is no apt-get to install them`;
}

function whyNoNamespaces(): string | undefined {
  const trial = "mount -t tmpfs tmpfs /dev/shm && hostname trial";
  const reason = succeeds([...unshare, "--mount-proc", "sh", "-c", trial]);
  return reason && `cannot make a node of network, mount, uts and pid namespaces: ${reason}`;
}

function whyNoBridge(): string | undefined {
  if (missingPackages().includes("iproute2")) return undefined;
  const trial = "ip link add trial0 type bridge && ip link add trial1 type veth peer name trial2";
  const reason = succeeds([...unshare, "sh", "-c", trial]);
  return reason && `cannot make a bridge with links: ${reason}`;
}

const unshare = ["unshare", "--net", "--mount", "--uts", "--pid", "--fork"];

/** Undefined when the program succeeds, else what it says. */
function succeeds([program, ...words]: readonly string[]): string | undefined {
  const options = { encoding: "utf8", timeout: checkMsMax } as const;
  const { status, stderr, error } = spawnSync(program!, words, options);
  if (status === 0) return undefined;
  return (error?.message ?? stderr.trim()) || `"${program}" ended with ${status}`;
}
