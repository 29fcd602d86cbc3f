import type { PortBook } from "../ports.ts";
import type { DeploymentShape, Instance, Rank, Replica } from "../shapes/deployment-shape.ts";
import type { TransferPorts } from "./transfer-ports.ts";
import type { DataParallelMeeting, PlannedPort, ProcessRole } from "../types.ts";

/** Where the ranks of one replica listen. */
export interface ReplicaPlace {
  readonly replica: Replica;
  /** The replica's first node, which its router runs on. */
  readonly node: number;
  readonly instances: readonly InstancePlace[];
}

export interface InstancePlace {
  readonly instance: Instance;
  /** Null where no ranks have to meet. */
  readonly meeting: DataParallelMeeting | null;
  readonly ranks: readonly RankPlace[];
}

export interface RankPlace {
  readonly rank: Rank;
  /** Where others reach it. */
  readonly host: string;
  /** Where it listens; every address of the node where a sidecar asks it on loopback too. */
  readonly bindHost: string;
  readonly httpPort: number;
  /** Where the router reaches it: the port of its sidecar where it has one, else its own. */
  readonly entryPort: number;
  /** Where the rank listens for the hand-over of KV blocks; null where it hands nothing over. */
  readonly transferPort: number | null;
  /** Where the rank tells which KV blocks it keeps; null where nobody listens. */
  readonly eventsPort: number | null;
  /** What vLLM adds to its base ports by itself: the rank, within a data-parallel group. */
  readonly dataParallelIndex: number;
  /** All of its ports. */
  readonly ports: readonly PlannedPort[];
}

/** Where the ports of one purpose begin, and the flag that moves them. */
export interface PortBase {
  readonly port: number;
  readonly flag: string;
  /** Whether the configuration names the port, so that it stays where it is. */
  readonly isFixed?: boolean;
}

export interface NetworkOptions {
  /** The address at which a rank of the node is reached. */
  readonly hostOf: (node: number) => string;
  /** Where the ports of sidecars begin; null where ranks of the role have none. */
  readonly sidecar: Readonly<Record<ProcessRole, PortBase | null>>;
  readonly http: Readonly<Record<ProcessRole, PortBase>>;
  readonly rpc: PortBase;
  /** Null where nobody wants to know which KV blocks a rank keeps. */
  readonly events: PortBase | null;
  /** Neighbouring ports that each rank of the instance needs for KV blocks; null where nothing is handed over. */
  readonly transfer: (instance: Instance) => TransferPorts | null;
}

/** Gives every rank its ports, which count up from their bases. */
export function layNetwork(
  shape: DeploymentShape,
  book: PortBook,
  options: NetworkOptions,
): readonly ReplicaPlace[] {
  return shape.replicas.map((replica) => ({
    replica,
    node: replica.nodeFirst,
    instances: replica.instances.map((instance) => placeInstance(instance, book, options)),
  }));
}

function placeInstance(instance: Instance, book: PortBook, options: NetworkOptions): InstancePlace {
  const first = instance.ranks[0]!;
  const transfer = options.transfer(instance);
  const rpcPort = instance.isGroup ? book.take(first.node, options.rpc.port) : null;
  return {
    instance,
    meeting: rpcPort === null ? null : meetingOf(instance, options.hostOf(first.node), rpcPort),
    ranks: instance.ranks.map((rank) => {
      const place = placeRank(rank, instance, { book, options, transfer });
      if (rank !== first || rpcPort === null) return place;
      const rpc = {
        purpose: "rpc",
        host: place.host,
        port: rpcPort,
        flag: options.rpc.flag,
      } as const;
      return { ...place, ports: [...place.ports, rpc] };
    }),
  };
}

function placeRank(
  rank: Rank,
  instance: Instance,
  { book, options, transfer }: RankSurroundings,
): RankPlace {
  const host = options.hostOf(rank.node);
  const http = options.http[instance.role];
  const sidecar = options.sidecar[instance.role];
  const httpPort = book.take(rank.node, http.port, http);
  const entryPort = sidecar === null ? httpPort : book.take(rank.node, sidecar.port);
  const { events } = options;
  const eventsPort = events === null ? null : book.take(rank.node, events.port);
  const bindHost = sidecar === null ? host : "0.0.0.0";
  const transferPort = transfer === null ? null : book.take(rank.node, transfer.port, transfer);
  return {
    rank,
    host,
    bindHost,
    httpPort,
    entryPort,
    transferPort,
    eventsPort,
    dataParallelIndex: instance.isGroup ? rank.index : 0,
    ports: [
      { purpose: "http", host: bindHost, port: httpPort, flag: http.flag },
      ...transferPorts(host, transferPort, transfer),
      ...eventsPorts(eventsPort, events),
    ],
  };
}

interface RankSurroundings {
  readonly book: PortBook;
  readonly options: NetworkOptions;
  readonly transfer: TransferPorts | null;
}

function transferPorts(
  host: string,
  first: number | null,
  transfer: TransferPorts | null,
): readonly PlannedPort[] {
  if (first === null || transfer === null) return [];
  const { count, flag } = transfer;
  return Array.from({ length: count }, (_, index) => ({
    purpose: "kv-transfer",
    host,
    port: first + index,
    flag,
  }));
}

/** vLLM publishes on every address of the node. */
function eventsPorts(port: number | null, events: PortBase | null): readonly PlannedPort[] {
  if (port === null || events === null) return [];
  return [{ purpose: "events", host: "0.0.0.0", port, flag: events.flag }];
}

function meetingOf(instance: Instance, address: string, rpcPort: number): DataParallelMeeting {
  const { nodes, ranks } = instance;
  const sizeLocal = ranks.length / nodes.length;
  const startRanks = nodes.map((_, position) => position * sizeLocal);
  return { sizeLocal, address, rpcPort, startRanks };
}
