import { embeddedEngineCommand } from "../commands/embedded-engine.ts";
import { pdSidecar, type SidecarKvConnector } from "../routers/mod.ts";
import { serverUrl } from "../routers/server-url.ts";
import type { PlannedProcess } from "../types.ts";
import type { InstancePlace, RankPlace, ReplicaPlace } from "./network.ts";
import { routerPort } from "./network-options.ts";
import { type PlacedProcess, placeProcess } from "./place-process.ts";
import type { PlanContext } from "./plan-context.ts";
import { routerId } from "./router-processes.ts";
import { kvConnectorOf } from "./transfer-ports.ts";

export interface RankPart {
  readonly processes: readonly PlacedProcess[];
  readonly notices: readonly string[];
}

/** The ranks of one replica, each before its sidecar where it has one. */
export function rankProcesses(place: ReplicaPlace, context: PlanContext): RankPart {
  const notices: string[] = [];
  const processes = place.instances.flatMap((instance) =>
    instance.ranks.flatMap((rank) => {
      const after = rank.rank.node === place.node ? [routerId(place)] : [];
      const process = rankProcess(instance, rank, { context, after });
      return [{ node: rank.rank.node, process }, ...sidecarOf(instance, rank, context)];
    }),
  );
  return { processes, notices };
}

interface RankSurroundings {
  readonly context: PlanContext;
  /** Ids of processes of the same node that start first. */
  readonly after: readonly string[];
}

/** One rank as a process: the command is the engine's, the rest is the deployment's. */
function rankProcess(
  { instance }: InstancePlace,
  place: RankPlace,
  { context, after }: RankSurroundings,
): PlannedProcess {
  const { rank, host, httpPort, ports } = place;
  const { config, inventory } = context;
  return {
    id: rank.id,
    kind: "engine",
    role: instance.role,
    replica: instance.replica,
    instance: instance.id,
    rank: rank.index,
    argv: embeddedEngineCommand(config, inventory, {
      rank: rank.index,
      host: place.bindHost,
      port: httpPort,
    }),
    env: {},
    files: [],
    gpus: context.engine === "vllm" ? rank.gpus : [],
    ports,
    ready: {
      kind: "http",
      url: `${serverUrl(host, httpPort)}/health`,
      timeoutMs: context.startTimeoutMs,
    },
    after,
  };
}

function sidecarOf(
  { instance }: InstancePlace,
  place: RankPlace,
  context: PlanContext,
): readonly PlacedProcess[] {
  const { rank, host, httpPort, entryPort } = place;
  if (entryPort === httpPort) return [];
  const spec = pdSidecar({
    host,
    port: entryPort,
    rankPort: httpPort,
    kvConnector: sidecarConnector(context),
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
  } as const;
  return [placeProcess(spec, standing)];
}

function sidecarConnector({ config }: PlanContext): SidecarKvConnector {
  switch (kvConnectorOf(config, "decode")) {
    case "MooncakeConnector":
      return "mooncake";
    case "OffloadingConnector":
      return "offloading";
    default:
      return "nixlv2";
  }
}
