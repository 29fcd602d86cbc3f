import { createHash } from "node:crypto";
import { posix } from "node:path";
import type { AdminSocket } from "../types.ts";
import type { ReplicaPlace } from "./network.ts";
import { routerPort } from "./network-options.ts";
import type { PlanContext } from "./plan-context.ts";

/** What everything of a replica that runs on the router's node starts after. */
export function routerId({ replica }: Pick<ReplicaPlace, "replica">): string {
  return `router-${replica.index}`;
}

/** The Unix socket that our own router listens on for clients; null where it has an address. */
export function routerSocketPath(context: PlanContext): string | null {
  return fromWorkingDirectory(context.config.server.uds, context);
}

export function fromWorkingDirectory(
  path: string | null,
  { inventory }: PlanContext,
): string | null {
  return path === null ? null : posix.resolve(inventory.workingDirectory, path);
}

/**
 * Where our own router keeps what belongs to it on its node: a private directory that goes with the deployment. Its name
 * tells routers apart also where two deployments share an output directory, since no two listen at one place.
 */
export function routerDirectory(place: ReplicaPlace, context: PlanContext): string {
  return `/tmp/penstock-${context.deploymentKey}/${nameByListener(place, context)}`;
}

/** Where our own router keeps sessions over its restarts, and over those of the deployment. */
export function sessionsDirectory(place: ReplicaPlace, context: PlanContext): string {
  return posix.join(context.outputDirectory, "sessions", nameByListener(place, context));
}

/** The admin socket of our own router; undefined before the ranks of another one. */
export function adminSocket(place: ReplicaPlace, context: PlanContext): AdminSocket | undefined {
  if (context.config.router.type !== "penstock") return undefined;
  return { node: place.node, path: `${routerDirectory(place, context)}/admin.sock` };
}

function nameByListener(place: ReplicaPlace, context: PlanContext): string {
  const address = `${context.routerHostOf(place.node)}:${routerPort(context).port}`;
  const listener = routerSocketPath(context) ?? address;
  return `${routerId(place)}-${createHash("sha256").update(listener).digest("hex").slice(0, 8)}`;
}
