import type { DeploymentView } from "../../supervise/mod.ts";

/** A running deployment, or one node's part of one, as `penstock status` shows it. Plain data. */
export interface DeploymentStatus {
  /** Tells it from the others on this machine. */
  readonly id: string;
  /** Of the supervisor. */
  readonly pid: number;
  readonly hostname: string;
  readonly startedAtMs: number;
  readonly shape: string;
  readonly engine: string;
  readonly model: string;
  readonly outputDirectory: string;
  readonly logDirectory: string;
  readonly endpoints: { readonly client: readonly string[]; readonly ranks: readonly string[] };
  /** Paths of the Unix sockets on which ranks of its routers are added, drained and removed; absent where there are none. */
  readonly adminSockets?: readonly string[];
  /** The Slurm job it belongs to, and the node of the Plan that is meant; null for a whole deployment on this machine. */
  readonly slurm: { readonly jobId: string; readonly node: number } | null;
  readonly view: DeploymentView;
  /** When each process came into its phase, by id, in milliseconds since 1970; the control socket fills it in. */
  readonly phaseSinceMs?: Readonly<Record<string, number>>;
}

/** What a control socket steers. */
export interface Controlled {
  status(): DeploymentStatus;
  /** Takes it down gently. */
  stop(): void;
  /** Takes it down at once. */
  stopNow(): void;
  /** @throws PenstockError PROCESS_UNKNOWN, PROCESS_NOT_RESTARTABLE */
  restart(processId: string): void;
}

/** An open control socket. */
export interface Control {
  readonly socketPath: string;
  /** Tells whoever watches that the status has changed. */
  notify(): void;
  /** Closes the socket and removes its file. */
  close(): Promise<void>;
}
