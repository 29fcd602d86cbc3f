/**
 * The Plan: which process runs where with which arguments. Frozen, JSON-serialisable data. It is printed by
 * `serve --dry-run`, checked by tests and carried out by every launcher.
 */

export type ProcessKind = "engine" | "router" | "sidecar" | "store";
export type ProcessRole = "both" | "prefill" | "decode";

export interface Plan {
  readonly version: 1;
  readonly model: {
    /** Name clients use in requests; the first of servedModelNames. */
    readonly name: string;
    readonly servedModelNames: readonly string[];
    /** Directory or hub id that the engines load. */
    readonly source: string;
  };
  readonly engine: "embedded" | "vllm";
  readonly nodes: readonly PlannedNode[];
  readonly endpoints: {
    /** Where clients send requests: one URL a router, without a path. */
    readonly client: readonly string[];
    /** Rank servers, for people who debug. */
    readonly ranks: readonly string[];
  };
  /** Adjustments and remarks that the user must hear of. */
  readonly warnings: readonly string[];
}

export interface PlannedNode {
  /** Numbered from 0; it gets a host name only when the deployment starts. */
  readonly index: number;
  readonly processes: readonly PlannedProcess[];
}

export interface PlannedProcess {
  /** Unique in the Plan: "router-0", "rank-3". */
  readonly id: string;
  readonly kind: ProcessKind;
  readonly role: ProcessRole;
  /** The program and its arguments. */
  readonly argv: readonly string[];
  /** Added to the environment of the launcher. */
  readonly env: Readonly<Record<string, string>>;
  readonly files: readonly PlannedFile[];
  readonly gpus: readonly number[];
  readonly ports: readonly PlannedPort[];
  readonly ready: ReadyCheck;
  /** Ids of processes that must be started (not ready) before this one. */
  readonly after: readonly string[];
}

export interface PlannedFile {
  /** Relative to the deployment's output directory. */
  readonly path: string;
  readonly content: string;
}

export interface PlannedPort {
  readonly purpose: "http" | "rpc" | "side-channel" | "events";
  readonly host: string;
  readonly port: number;
  /** The config key that moves it, for the error message: "--server.port". */
  readonly flag: string;
}

/** When a process counts as ready. */
export type ReadyCheck =
  | { readonly kind: "http"; readonly url: string; readonly timeoutMs: number }
  | { readonly kind: "started" };
