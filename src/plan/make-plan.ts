import { deepFreeze } from "../base/mod.ts";
import type { Config } from "../config/mod.ts";
import { chooseEngine } from "./choose-engine.ts";
import { servedModelNames } from "./commands/embedded-engine.ts";
import type { Inventory } from "./inventory.ts";
import { routerUrl, serverUrl } from "./routers/server-url.ts";
import { PortBook, type PortBookOptions } from "./ports.ts";
import { layNetwork, type ReplicaPlace } from "./processes/network.ts";
import { networkOptions, routerPort } from "./processes/network-options.ts";
import { planNotices } from "./plan-notices.ts";
import { makeContext, type PlanContext } from "./processes/plan-context.ts";
import { adminSocket, routerSocketPath } from "./processes/router-place.ts";
import { planProcesses } from "./processes/plan-processes.ts";
import { storePart } from "./processes/store-processes.ts";
import { hasExperts } from "./processes/vllm-command.ts";
import { chooseShape } from "./shapes/choose-shape.ts";
import type { DeploymentShape } from "./shapes/deployment-shape.ts";
import type { Plan, PlannedInstance } from "./types.ts";

/**
 * Says which process runs where with which arguments. Pure: the same input gives the same Plan.
 *
 * @throws PenstockError PORTS_USED_UP
 */
export function makePlan(config: Config, inventory: Inventory): Plan {
  const { engine, notices: engineNotices } = chooseEngine(config);
  const shape = chooseShape(config, engine === "vllm" && hasExperts(config, inventory));
  const context = makeContext(config, inventory, { engine, shape });
  const book = new PortBook(portBookOptions(context, shape));
  if (routerSocketPath(context) === null)
    for (const { nodeFirst } of shape.replicas) book.fix(nodeFirst, routerPort(context).port);
  const replicas = layNetwork(shape, book, networkOptions(context));
  const store = storePart(shape, book, context);
  const { nodes, notices } = planProcesses(replicas, { shape, book, store }, context);
  const names = servedModelNames(config);
  return deepFreeze({
    version: 1,
    shape: shape.shape,
    launcher: config.slurm === null ? "local" : "slurm",
    model: { name: names[0]!, servedModelNames: [...names], source: inventory.modelDirectory },
    engine,
    instances: replicas.flatMap(describeInstances),
    nodes,
    endpoints: endpointsOf(replicas, context),
    warnings: [...engineNotices, ...planNotices(shape, context), ...notices],
  } satisfies Plan);
}

/**
 * Nodes of one machine have addresses of their own, which the programs of others do not keep to: with those in front,
 * no port is used twice on the machine.
 */
function portBookOptions(
  { config, inventory, engine }: PlanContext,
  { nodeCount }: DeploymentShape,
): PortBookOptions {
  if (config.slurm !== null) return {};
  const isShared = nodeCount > 1 && engine === "embedded";
  const isOneMachine = isShared && config.router.type !== "penstock";
  return { busyPorts: inventory.busyPorts, isOneMachine };
}

function describeInstances({ instances }: ReplicaPlace): readonly PlannedInstance[] {
  return instances.map(({ instance, meeting }) => ({
    id: instance.id,
    replica: instance.replica,
    role: instance.role,
    nodes: instance.nodes,
    tensorParallelSize: instance.tp,
    dataParallelSize: instance.ranks.length,
    dataParallel: meeting,
  }));
}

function endpointsOf(replicas: readonly ReplicaPlace[], context: PlanContext): Plan["endpoints"] {
  return {
    client: replicas.map(({ node }) => clientUrl(node, context)),
    admin: replicas.flatMap((place) => adminSocket(place, context) ?? []),
    ranks: replicas.flatMap(({ instances }) =>
      instances.flatMap(({ ranks }) =>
        ranks.map(({ host, httpPort }) => serverUrl(host, httpPort)),
      ),
    ),
  };
}

function clientUrl(node: number, context: PlanContext): string {
  const socket = routerSocketPath(context);
  if (socket !== null) return `unix:${socket}`;
  const isSecure = context.config.server.ssl_certfile !== null;
  return routerUrl(isSecure, serverUrl(context.clientHostOf(node), routerPort(context).port));
}
