import { hostname } from "node:os";
import { PenstockError } from "../../../errors/mod.ts";
import type { DeploymentSource } from "../../../launch/mod.ts";
import { openNamedSource } from "../running/open-named-source.ts";

export interface AdminSocketWish {
  /** Goes before a deployment. */
  readonly adminUds?: string | undefined;
  readonly deployment?: string | undefined;
}

/**
 * The admin socket of the router that is meant: as it is named, or that of a running deployment's only router.
 *
 * @throws PenstockError COMMAND_INVALID, ADMIN_SOCKET_NOT_FOUND, ADMIN_SOCKET_AMBIGUOUS, and what `openNamedSource` throws
 */
export async function findAdminSocket({ adminUds, deployment }: AdminSocketWish): Promise<string> {
  if (adminUds === undefined) return await ofDeployment(await openNamedSource({ deployment }));
  if (deployment === undefined) return adminUds;
  const reason = "--deployment does not go with --admin-uds, which names the router already";
  throw new PenstockError("COMMAND_INVALID", { reason });
}

async function ofDeployment(source: DeploymentSource): Promise<string> {
  const { name } = source;
  const { parts } = await source.status();
  const withRouters = parts.filter(({ adminSockets = [] }) => adminSockets.length > 0);
  const here = withRouters.filter((part) => part.hostname === hostname());
  const paths = here.flatMap(({ adminSockets = [] }) => adminSockets);
  if (paths.length > 1) throw new PenstockError("ADMIN_SOCKET_AMBIGUOUS", { name, paths });
  const hosts = withRouters.map((part) => part.hostname);
  if (paths.length === 0) throw new PenstockError("ADMIN_SOCKET_NOT_FOUND", { name, hosts });
  return paths[0]!;
}
