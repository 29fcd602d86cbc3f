import { once } from "node:events";
import { readdir, rm } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { isRunning } from "./is-running.ts";
import { answerTimeoutMs, entriesMax } from "./limits.ts";
import { parseSocketName } from "./socket-name.ts";

/** The file of a control socket. */
export interface SocketEntry {
  readonly pid: number;
  readonly path: string;
}

/** The control sockets of this machine in a directory, dead ones included; none where it cannot be read. */
export async function listSockets(directory: string): Promise<readonly SocketEntry[]> {
  const names = await readdir(directory).catch(() => []);
  return names
    .flatMap((name) => {
      const owner = parseSocketName(name);
      return owner?.isHere === true ? [{ pid: owner.pid, path: join(directory, name) }] : [];
    })
    .slice(0, entriesMax);
}

/**
 * Removes what killed supervisors of this machine have left: nobody listens there and no process has the number.
 * Files of other machines stay, and those of a supervisor that has taken its name and does not listen yet.
 */
export async function removeStaleSockets(directory: string): Promise<void> {
  const entries = await listSockets(directory);
  await Promise.all(entries.map(removeWhereStale));
}

async function removeWhereStale({ path, pid }: SocketEntry): Promise<void> {
  if (isRunning(pid) || !(await isRefused(path))) return;
  await rm(path, { force: true });
}

/** A supervisor that runs in a container that shares the directory has another number there, yet it listens. */
async function isRefused(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, "connect", { signal: AbortSignal.timeout(answerTimeoutMs) });
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ECONNREFUSED";
  } finally {
    socket.destroy();
  }
}
