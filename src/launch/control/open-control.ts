import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmod } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { PenstockError } from "../../errors/mod.ts";
import { ControlServer } from "./control-server.ts";
import { socketPathBytesMax } from "./limits.ts";
import { removeStaleSockets } from "./remove-stale-sockets.ts";
import { runtimeDirectories, whyNotPrivate } from "./runtime-directory.ts";
import { socketName } from "./socket-name.ts";
import type { Control, Controlled } from "./types.ts";

/**
 * Opens a socket over which this user's `penstock status`, `logs`, `stop` and `restart` reach the deployment, in a
 * directory that is this user's alone. It does not keep the process alive, and its file goes with the process.
 *
 * @throws PenstockError CONTROL_NOT_OPENED
 */
export async function openControl(
  controlled: Controlled,
  directories: readonly string[] = runtimeDirectories(),
): Promise<Control> {
  const reasons: string[] = [];
  for (const directory of directories) {
    const path = join(directory, socketName(randomBytes(4).toString("hex")));
    const server = createServer();
    const reason = (await whyNotPrivate(directory)) ?? (await tryListen(server, path));
    if (reason === undefined) {
      await removeStaleSockets(directory);
      return new ControlServer(controlled, server, path);
    }
    reasons.push(reason);
  }
  throw new PenstockError("CONTROL_NOT_OPENED", { reasons });
}

/** Why it cannot listen there; undefined where it does. */
async function tryListen(server: Server, path: string): Promise<string | undefined> {
  if (Buffer.byteLength(path) > socketPathBytesMax)
    return `"${path}" is longer than the ${socketPathBytesMax} bytes of a socket's path`;
  try {
    server.listen(path);
    await once(server, "listening");
    await chmod(path, 0o600);
    return undefined;
  } catch (error) {
    server.close();
    return (error as Error).message;
  }
}
