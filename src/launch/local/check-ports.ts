import { createServer } from "node:net";
import { PenstockError } from "../../errors/mod.ts";
import type { PlannedNode, PlannedPort } from "../../plan/mod.ts";
import { findPortHolder } from "./port-holder.ts";

/**
 * Makes sure that every port of the node can be listened on, before anything is started.
 *
 * @throws PenstockError PORT_IN_USE, ADDRESS_NOT_USABLE for the first one that cannot.
 */
export async function checkPorts(node: PlannedNode): Promise<void> {
  for (const { id, ports } of node.processes)
    for (const port of ports) await checkPort(port, `"${id}"`);
}

async function checkPort({ host, port, flag }: PlannedPort, purpose: string): Promise<void> {
  const reason = await tryListen(host, port);
  if (reason === undefined) return;
  if (reason === "EADDRINUSE")
    throw new PenstockError("PORT_IN_USE", { port, purpose, holder: findPortHolder(port), flag });
  throw new PenstockError("ADDRESS_NOT_USABLE", {
    host,
    port,
    purpose,
    reason,
    hostFlag: "--server.host",
    portFlag: flag,
  });
}

/** The error code that listening fails with; undefined when it works. */
function tryListen(host: string, port: number): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const server = createServer();
  server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  return promise;
}
