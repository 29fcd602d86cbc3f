/** A process to mind; a process of the Plan is one. */
export interface ProcessSpec {
  /** Unique among the processes that are minded together. */
  readonly id: string;
  /** The program and its arguments. */
  readonly argv: readonly string[];
  /** Added to the supervisor's own environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly ready: ReadyCheck;
  /** Ids of processes that are started before this one, and stopped before it. */
  readonly after: readonly string[];
}

export type ReadyCheck =
  | { readonly kind: "http"; readonly url: string; readonly timeoutMs: number }
  | { readonly kind: "started" };

/** How a process came to its end. */
export type Ending =
  | { readonly kind: "exit"; readonly exitCode: number }
  | { readonly kind: "signal"; readonly signal: string }
  | { readonly kind: "not-started"; readonly reason: string };
