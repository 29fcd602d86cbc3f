import { lstat, rm } from "node:fs/promises";
import { type AddressInfo, connect, type Server } from "node:net";
import { PenstockError } from "../../errors/mod.ts";

/** Where clients come in. */
export type ListenTarget =
  /** `isShared`: other listeners of this process have, or will have, the same port. */
  | { readonly host: string; readonly port: number; readonly isShared?: boolean | undefined }
  /** Path of a Unix socket. */
  | { readonly uds: string };

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** How long the process behind a socket file that is there already may take to show itself. */
const probeMsMax = 1_000;

/**
 * Opens the address. A socket file that nobody listens on any more, as a killed router leaves it, is replaced.
 * @returns the port that was chosen where 0 was asked for; undefined for a Unix socket
 * @throws PenstockError ROUTER_CANNOT_LISTEN, ROUTER_CANNOT_LISTEN_ON_SOCKET
 */
export async function listen(
  server: Server,
  target: ListenTarget,
): Promise<ListenAddress | undefined> {
  if ("uds" in target) {
    await listenOnSocket(server, target.uds);
    return undefined;
  }
  const { host, port, isShared = false } = target;
  const fault = await tryListen(server, { host, port, reusePort: isShared });
  if (fault !== undefined) {
    throw new PenstockError("ROUTER_CANNOT_LISTEN", { host, port, reason: fault });
  }
  const address = server.address() as AddressInfo;
  return { host: address.address, port: address.port };
}

async function listenOnSocket(server: Server, path: string): Promise<void> {
  let reason = await tryListen(server, { path });
  if (reason === "EADDRINUSE") {
    const state = await lookAt(path);
    if (state === "abandoned") {
      await rm(path, { force: true });
      reason = await tryListen(server, { path });
    } else {
      reason = state === "in use" ? "another process listens on it" : "it is no socket";
    }
  }
  if (reason === undefined) return;
  throw new PenstockError("ROUTER_CANNOT_LISTEN_ON_SOCKET", { path, reason });
}

/** The code of what went wrong, or undefined. */
async function tryListen(
  server: Server,
  options: { host: string; port: number; reusePort: boolean } | { path: string },
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const onError = (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message);
    server.once("error", onError);
    server.listen(options, () => {
      server.off("error", onError);
      resolve(undefined);
    });
  });
}

async function lookAt(path: string): Promise<"abandoned" | "in use" | "no socket"> {
  try {
    if (!(await lstat(path)).isSocket()) return "no socket";
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return "abandoned"; // Whoever had it has taken it away meanwhile.
  }
  return new Promise((resolve) => {
    const probe = connect({ path });
    const timer = setTimeout(() => end("in use"), probeMsMax);
    const end = (state: "abandoned" | "in use") => {
      clearTimeout(timer);
      probe.destroy();
      resolve(state);
    };
    probe.once("connect", () => end("in use"));
    probe.once("error", ({ code }: NodeJS.ErrnoException) =>
      end(code === "ECONNREFUSED" ? "abandoned" : "in use"),
    );
  });
}
