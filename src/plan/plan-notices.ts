import type { Config } from "../config/mod.ts";
import { coresPerRank } from "./commands/embedded-engine.ts";
import { parsersFor } from "./commands/model-parsers.ts";
import type { PlanContext } from "./processes/plan-context.ts";
import { roleSettings } from "./processes/role-settings.ts";
import type { DeploymentShape } from "./shapes/deployment-shape.ts";

/** What the user must hear of the deployment as a whole. */
export function planNotices(shape: DeploymentShape, context: PlanContext): readonly string[] {
  return context.engine === "vllm"
    ? [...expertNotices(shape, context), ...parserNotices(context), ...eventNotices(shape, context)]
    : threadNotices(context);
}

/** What "auto" has become. */
function parserNotices({ config: { model } }: PlanContext): readonly string[] {
  const { toolCall, reasoning } = parsersFor(model.name);
  return [
    ...(model.tool_call_parser === "auto" ? [parserNotice("tool_call_parser", toolCall)] : []),
    ...(model.reasoning_parser === "auto" ? [parserNotice("reasoning_parser", reasoning)] : []),
  ];
}

function parserNotice(key: string, parser: string | null): string {
  return parser === null
    ? `model.${key} "auto" knows of none for this model: none is used`
    : `model.${key} "auto" takes "${parser}"`;
}

/** KV events that the plan does not set up itself: it moves none of their ports apart. */
function eventNotices({ replicas }: DeploymentShape, { config }: PlanContext): readonly string[] {
  const engines = replicas.flatMap(({ instances }) =>
    instances
      .filter(({ role }) => hasOwnEvents(roleSettings(config, role).vllmExtra))
      // vLLM adds the rank to the port within a group only.
      .flatMap(({ isGroup, nodes, ranks }) => (isGroup ? nodes : ranks.map(({ node }) => node))),
  );
  if (new Set(engines).size === engines.length) return [];
  return [
    "vllm_extra names one port of KV events for several engines of a node: the second of them does not start",
  ];
}

function hasOwnEvents(vllmExtra: Config["vllm_extra"]): boolean {
  return Object.keys(vllmExtra).some((key) =>
    key.replaceAll("-", "_").startsWith("kv_events_config"),
  );
}

/** What was made of a model whose experts nobody knows of, or that has none. */
function expertNotices(
  { replicas }: DeploymentShape,
  { config, inventory }: PlanContext,
): readonly string[] {
  const { isMoe } = inventory;
  const { enable_expert_parallel: isExpertParallel } = config;
  if (isMoe === false && isExpertParallel)
    return ["enable_expert_parallel is left out: the model is dense"];
  if (isMoe !== null) return [];
  const unknown = `no config.json of "${inventory.modelDirectory}" is at hand:`;
  if (isExpertParallel)
    return [
      `${unknown} it is taken for a model with experts, as enable_expert_parallel is on; vLLM refuses a dense one with it`,
    ];
  const hasSeveral = replicas.some(({ instances }) =>
    instances.some(({ ranks }) => ranks.length > 1),
  );
  if (!hasSeveral) return [];
  return [
    `${unknown} its ranks are independent servers, as those of a dense model; a directory as model.name, or enable_expert_parallel, makes one group of them where it has experts`,
  ];
}

function threadNotices({
  config,
  inventory,
  machineRankCount: ranks,
}: PlanContext): readonly string[] {
  // Nobody has counted the cores of Slurm's nodes.
  if (config.slurm !== null) return [];
  const { coreCount } = inventory;
  const perRank = config.embedded.threads ?? coresPerRank(coreCount, ranks);
  const threadCount = perRank * ranks;
  if (threadCount <= coreCount) return [];
  return [
    `${ranks} ${ranks === 1 ? "rank" : "ranks"} with ${threadCount} compute threads in all share ${coreCount} cores and slow each other down`,
  ];
}
