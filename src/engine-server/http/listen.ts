import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { urlOf } from "../../base/mod.ts";
import { PenstockError } from "../../errors/mod.ts";

/**
 * Binds the server's port.
 *
 * @returns The server's URL, with the port that was bound.
 * @throws PenstockError PORT_IN_USE, SERVER_CANNOT_LISTEN
 */
export async function listen(
  server: Server,
  options: { readonly host: string; readonly port: number; readonly purpose: string },
): Promise<string> {
  const { host, port, purpose } = options;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen({ host, port }, resolve);
  try {
    await promise;
  } catch (cause) {
    throw listenError({ host, port, purpose, cause });
  } finally {
    server.off("error", reject);
  }
  const address = server.address() as AddressInfo;
  return urlOf(host, address.port);
}

function listenError(facts: {
  host: string;
  port: number;
  purpose: string;
  cause: unknown;
}): PenstockError {
  const { host, port, purpose, cause } = facts;
  if (cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE") {
    const inUse = { port, purpose, holder: "another process", flag: "--server.port" };
    return new PenstockError("PORT_IN_USE", inUse, { cause });
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new PenstockError("SERVER_CANNOT_LISTEN", { host, port, reason }, { cause });
}
