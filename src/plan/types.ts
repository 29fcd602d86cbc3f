/**
 * The Plan: which process runs where with which arguments. Frozen, JSON-serialisable data. It is printed by
 * `serve --dry-run`, checked by tests and carried out by every launcher.
 *
 * deployment ⊃ replica (one full copy of the service, behind its own router) ⊃ instance (one engine: TP × DP GPUs,
 * may span nodes) ⊃ rank (one data-parallel rank: one HTTP endpoint with its own GPUs and ports). A node gets its host
 * only when the deployment starts: wherever its address belongs in argv, env, files, ports or URLs stands `{node:3}`.
 */
import type { ReadyCheck, RestartPolicy } from "../supervise/mod.ts";

export type { ReadyCheck, RestartPolicy };

export type ProcessKind = "engine" | "router" | "sidecar" | "store";
export type ProcessRole = "both" | "prefill" | "decode";

export interface Plan {
  readonly version: 1;
  readonly shape: PlanShape;
  /** Where it runs: as processes of this machine, or on the nodes of a Slurm job. */
  readonly launcher: "local" | "slurm";
  readonly model: {
    /** Name clients use in requests; the first of servedModelNames. */
    readonly name: string;
    readonly servedModelNames: readonly string[];
    /** Directory or hub id that the engines load. */
    readonly source: string;
  };
  readonly engine: "embedded" | "vllm";
  readonly instances: readonly PlannedInstance[];
  readonly nodes: readonly PlannedNode[];
  readonly endpoints: {
    /** Where clients send requests: one URL a router, without a path; `unix:` and the path of a Unix socket. */
    readonly client: readonly string[];
    /** Rank servers, for people who debug and for whoever updates weights. */
    readonly ranks: readonly string[];
    /** Where ranks are added, drained and removed at run time, on the router's node alone. */
    readonly admin: readonly AdminSocket[];
  };
  /** Adjustments and remarks that the user must hear of. */
  readonly warnings: readonly string[];
}

export type PlanShape = "single_node" | "multi_node" | "wide_ep" | "disaggregated" | "pd_disagg";

/** The Unix socket of one router's admin routes. */
export interface AdminSocket {
  readonly node: number;
  /** An absolute path. */
  readonly path: string;
}

/** One engine of the deployment: the ranks that compute one copy of the model together, or independently. */
export interface PlannedInstance {
  /** Unique in the Plan: "engine-0", "replica-2-prefill-1". */
  readonly id: string;
  readonly replica: number;
  readonly role: ProcessRole;
  /** Nodes it spans, the one with rank 0 first. */
  readonly nodes: readonly number[];
  readonly tensorParallelSize: number;
  readonly dataParallelSize: number;
  /**
   * How its ranks meet; null where each rank is an engine of its own, which knows nothing of the others (a dense
   * model, or one rank).
   */
  readonly dataParallel: DataParallelMeeting | null;
}

/** What vLLM calls the data-parallel group: rank 0 listens, the others come to it. */
export interface DataParallelMeeting {
  /** Ranks on each node. */
  readonly sizeLocal: number;
  readonly address: string;
  readonly rpcPort: number;
  /** The first rank of each node, in the order of the instance's nodes. */
  readonly startRanks: readonly number[];
}

export interface PlannedNode {
  /** Numbered from 0; it gets a host name only when the deployment starts. */
  readonly index: number;
  readonly processes: readonly PlannedProcess[];
}

export interface PlannedProcess {
  /** Unique in the Plan: "router-0", "rank-3", "replica-2-prefill-1-rank-3". */
  readonly id: string;
  readonly kind: ProcessKind;
  readonly role: ProcessRole;
  readonly replica: number;
  /** Id of the instance it belongs to; null for what serves a whole replica or the whole deployment. */
  readonly instance: string | null;
  /** Data-parallel rank within its instance; null for what is no rank. */
  readonly rank: number | null;
  /** The program and its arguments. */
  readonly argv: readonly string[];
  /** Added to the environment of the launcher. */
  readonly env: Readonly<Record<string, string>>;
  readonly files: readonly PlannedFile[];
  /** Directories of its node that it needs before it starts: absolute, for what is gone when it ends. */
  readonly directories: readonly string[];
  /** Devices of the node that are its own; empty for what computes on cores. */
  readonly gpus: readonly number[];
  readonly ports: readonly PlannedPort[];
  readonly ready: ReadyCheck;
  /** How long it may finish what runs once it is told to end, where that is longer than others get. */
  readonly drainMs?: number;
  /** Ids of processes of the same node that must be started (not ready) before this one. */
  readonly after: readonly string[];
  /** What follows when it ends by itself; null takes the deployment down. */
  readonly restart: RestartPolicy | null;
}

export interface PlannedFile {
  /** Relative to the deployment's output directory. */
  readonly path: string;
  readonly content: string;
}

export interface PlannedPort {
  readonly purpose: PortPurpose;
  readonly host: string;
  readonly port: number;
  /** The config key that moves it, for the error message: "--server.port". */
  readonly flag: string;
}

export type PortPurpose =
  | "http"
  | "rpc"
  | "kv-transfer"
  | "events"
  | "grpc"
  | "health"
  | "metrics"
  | "store";
