import { deepFreeze } from "../base/mod.ts";
import type { Config } from "../config/mod.ts";
import { chooseEngine } from "./choose-engine.ts";
import { coresPerRank, servedModelNames } from "./commands/embedded-engine.ts";
import type { Inventory } from "./inventory.ts";
import { serverUrl } from "./routers/server-url.ts";
import { PortBook } from "./ports.ts";
import { layNetwork, type ReplicaPlace } from "./processes/network.ts";
import { networkOptions, routerPort } from "./processes/network-options.ts";
import { makeContext, type PlanContext } from "./processes/plan-context.ts";
import { planProcesses } from "./processes/plan-processes.ts";
import { chooseShape } from "./shapes/choose-shape.ts";
import type { Plan, PlannedInstance } from "./types.ts";

/**
 * Says which process runs where with which arguments. Pure: the same input gives the same Plan.
 *
 * @throws PenstockError PORTS_USED_UP
 */
export function makePlan(config: Config, inventory: Inventory): Plan {
  const choice = chooseEngine(config);
  const context = makeContext(config, inventory, choice.engine);
  const shape = chooseShape(config, isGrouped(context));
  const book = new PortBook();
  const replicas = layNetwork(shape, book, networkOptions(context));
  const { nodeCount } = shape;
  const { nodes, notices } = planProcesses(replicas, { book, nodeCount }, context);
  const names = servedModelNames(config);
  return deepFreeze({
    version: 1,
    shape: shape.shape,
    launcher: config.slurm === null ? "local" : "slurm",
    model: { name: names[0]!, servedModelNames: [...names], source: inventory.modelDirectory },
    engine: choice.engine,
    instances: replicas.flatMap(describeInstances),
    nodes,
    endpoints: endpointsOf(replicas, context),
    warnings: [...choice.notices, ...oversubscription(context), ...notices],
  } satisfies Plan);
}

/**
 * Whether ranks of one instance are one data-parallel group of vLLM. Only models with experts may be: vLLM refuses
 * such a group with one endpoint a rank for a dense model, whose ranks have nothing to tell each other.
 */
function isGrouped({ config, inventory, engine }: PlanContext): boolean {
  return engine === "vllm" && (config.enable_expert_parallel || inventory.isMoe === true);
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
  const { port } = routerPort(context);
  return {
    client: replicas.map(({ node }) => serverUrl(context.routerHostOf(node), port)),
    ranks: replicas.flatMap(({ instances }) =>
      instances.flatMap(({ ranks }) =>
        ranks.map(({ host, httpPort }) => serverUrl(host, httpPort)),
      ),
    ),
  };
}

function oversubscription({ config, inventory, engine }: PlanContext): readonly string[] {
  if (engine !== "embedded") return [];
  const perRank = config.embedded.threads ?? coresPerRank(config, inventory);
  const threadCount = perRank * config.parallel.dp;
  if (threadCount <= inventory.coreCount) return [];
  const { dp } = config.parallel;
  return [
    `${dp} ${dp === 1 ? "rank" : "ranks"} with ${threadCount} compute threads in all share ${inventory.coreCount} cores and slow each other down`,
  ];
}
