import { embeddedEngineCommand, servedModelNames } from "../commands/embedded-engine.ts";
import { pdSidecar, type SidecarKvConnector } from "../routers/mod.ts";
import { serverUrl } from "../routers/server-url.ts";
import type { PlannedProcess } from "../types.ts";
import type { InstancePlace, RankPlace, ReplicaPlace } from "./network.ts";
import { routerPort } from "./network-options.ts";
import { type PlacedProcess, placeProcess } from "./place-process.ts";
import type { PlanContext } from "./plan-context.ts";
import { embeddedHandover } from "./embedded-handover.ts";
import { restartPolicy } from "./restart-policy.ts";
import { routerId } from "./router-place.ts";
import type { StorePart } from "./store-processes.ts";
import { kvConnectorOf, listeningConnectorOf } from "./transfer-ports.ts";
import { socketDirectory, vllmCommand } from "./vllm-command.ts";

export interface RankPart {
  readonly processes: readonly PlacedProcess[];
  readonly notices: readonly string[];
}

/** The ranks of one replica, each before its sidecar where it has one. */
export function rankProcesses(
  place: ReplicaPlace,
  store: StorePart,
  context: PlanContext,
): RankPart {
  const notices = new Set<string>();
  const [bootstrapPort = null, ...otherPorts] = bootstrapPorts(place, context);
  if (context.config.router.type === "llm-d" && otherPorts.length > 0)
    notices.add(
      `llm-d's pd-sidecar asks every prefill rank at Mooncake's bootstrap port ${bootstrapPort}, but there are ranks with ports of their own: it takes one prefill rank a node`,
    );
  const processes = place.instances.flatMap((instance) =>
    instance.ranks.flatMap((rank) => {
      const { node } = rank.rank;
      const client = store.clients.get(node);
      const after = [
        ...(node === place.node ? [routerId(place)] : []),
        ...(client === undefined ? [] : [client.id]),
      ];
      const command = withEnv(engineCommand(instance, rank, context), client?.engineEnv);
      for (const notice of command.notices) notices.add(notice);
      const process = rankProcess(instance, rank, { context, command, after });
      return [{ node, process }, ...sidecarOf(instance, rank, { context, bootstrapPort })];
    }),
  );
  return { processes, notices: [...notices] };
}

/** How the engine of one rank is started. */
interface EngineCommand extends Pick<PlannedProcess, "argv" | "env" | "directories" | "gpus"> {
  readonly notices: readonly string[];
}

function engineCommand(
  instance: InstancePlace,
  place: RankPlace,
  context: PlanContext,
): EngineCommand {
  const { rank, bindHost: host, httpPort: port } = place;
  if (context.engine === "embedded") {
    const { config, inventory, machineRankCount } = context;
    const handover = embeddedHandover(config, instance.instance, place);
    const address = { rank: rank.index, host, port, machineRankCount, handover };
    const argv = embeddedEngineCommand(config, inventory, address);
    return { argv, env: {}, directories: [], gpus: [], notices: [] };
  }
  const { argv, env, notices } = vllmCommand(instance, place, context);
  return {
    argv,
    env: { CUDA_VISIBLE_DEVICES: rank.gpus.join(","), ...env },
    directories: [socketDirectory(rank.id, context)],
    gpus: rank.gpus,
    notices,
  };
}

function withEnv(command: EngineCommand, env: EngineCommand["env"] | undefined): EngineCommand {
  if (env === undefined) return command;
  const merged = Object.entries({ ...command.env, ...env });
  return { ...command, env: Object.fromEntries(merged.toSorted(([a], [b]) => (a < b ? -1 : 1))) };
}

interface RankSurroundings {
  readonly context: PlanContext;
  readonly command: EngineCommand;
  /** Ids of processes of the same node that start first. */
  readonly after: readonly string[];
}

/** One rank as a process: the command is the engine's, the rest is the deployment's. */
function rankProcess(
  { instance, meeting }: InstancePlace,
  place: RankPlace,
  { context, command, after }: RankSurroundings,
): PlannedProcess {
  const { rank, host, httpPort, ports } = place;
  return {
    id: rank.id,
    kind: "engine",
    role: instance.role,
    replica: instance.replica,
    instance: instance.id,
    rank: rank.index,
    argv: command.argv,
    env: command.env,
    files: [],
    directories: command.directories,
    gpus: command.gpus,
    ports,
    ready: {
      kind: "model",
      url: `${serverUrl(host, httpPort)}/v1/models`,
      model: servedModelNames(context.config)[0]!,
      timeoutMs: context.startTimeoutMs,
    },
    after,
    // Ranks that meet wait for each other: one that comes back alone is not let in.
    restart: meeting === null ? restartPolicy(context.config) : null,
  };
}

interface SidecarSurroundings {
  readonly context: PlanContext;
  readonly bootstrapPort: number | null;
}

/** The different ports of Mooncake's bootstrap servers; none with other connectors. */
function bootstrapPorts({ instances }: ReplicaPlace, { config }: PlanContext): readonly number[] {
  if (listeningConnectorOf(config, "prefill") !== "MooncakeConnector") return [];
  const prefill = instances.filter(({ instance }) => instance.role === "prefill");
  const ports = prefill.flatMap(({ ranks }) => ranks.map(({ transferPort }) => transferPort));
  return [...new Set(ports)].filter((port) => port !== null);
}

function sidecarOf(
  { instance }: InstancePlace,
  place: RankPlace,
  { context, bootstrapPort }: SidecarSurroundings,
): readonly PlacedProcess[] {
  const { rank, host, httpPort, entryPort } = place;
  if (entryPort === httpPort) return [];
  const spec = pdSidecar({
    host,
    port: entryPort,
    rankPort: httpPort,
    kvConnector: sidecarConnector(context),
    bootstrapPort,
    startTimeoutMs: context.startTimeoutMs,
  });
  const standing = {
    node: rank.node,
    id: `${rank.id}-sidecar`,
    kind: "sidecar",
    role: instance.role,
    replica: instance.replica,
    instance: instance.id,
    rank: rank.index,
    flag: routerPort(context).flag,
    after: [rank.id],
    restart: restartPolicy(context.config),
  } as const;
  return [placeProcess(spec, standing)];
}

function sidecarConnector({ config }: PlanContext): SidecarKvConnector {
  switch (listeningConnectorOf(config, "prefill") ?? kvConnectorOf(config, "decode")) {
    case "MooncakeConnector":
      return "mooncake";
    case "OffloadingConnector":
      return "offloading";
    default:
      return "nixlv2";
  }
}
