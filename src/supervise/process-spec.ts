/** A process to mind; a process of the Plan is one. */
export interface ProcessSpec {
  /** Unique among the processes that are minded together. */
  readonly id: string;
  /** The program and its arguments. */
  readonly argv: readonly string[];
  /** Added to the supervisor's own environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly ready: ReadyCheck;
  /** How long it may finish what runs once it is told to end, where that is longer than others get. */
  readonly drainMs?: number;
  /** Ids of processes that are started before this one, and stopped before it. */
  readonly after: readonly string[];
  /** What follows when it ends by itself; null takes everything down. */
  readonly restart: RestartPolicy | null;
}

/**
 * How often a process that was ready once is started again. The n-th wait in a row is `firstWaitMs · 2ⁿ`, at most
 * `waitMsMax`; one more end than `restartsMax` within `windowMs` takes everything down. A process that ends before it
 * was ever ready takes everything down at once: what cannot start does not start better the next time.
 */
export interface RestartPolicy {
  readonly restartsMax: number;
  readonly windowMs: number;
  readonly firstWaitMs: number;
  readonly waitMsMax: number;
}

/** When a process counts as ready. */
export type ReadyCheck =
  /** The URL answers 200, over the Unix socket where there is one. */
  | {
      readonly kind: "http";
      readonly url: string;
      readonly socketPath?: string;
      readonly timeoutMs: number;
    }
  /** The URL, a server's `/v1/models`, answers 200 and lists the model. */
  | {
      readonly kind: "model";
      readonly url: string;
      readonly model: string;
      readonly timeoutMs: number;
    }
  /** The port takes connections. */
  | {
      readonly kind: "port";
      readonly host: string;
      readonly port: number;
      readonly timeoutMs: number;
    }
  /** It runs. */
  | { readonly kind: "started" };

/** How a process came to its end. */
export type Ending =
  | { readonly kind: "exit"; readonly exitCode: number }
  | { readonly kind: "signal"; readonly signal: string }
  | { readonly kind: "not-started"; readonly reason: string };
