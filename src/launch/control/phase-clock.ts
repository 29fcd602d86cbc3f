import type { DeploymentStatus } from "./types.ts";

interface PhaseEntry {
  readonly phase: string;
  readonly sinceMs: number;
}

/** Remembers when each process came into its phase, which a view alone does not tell. */
export class PhaseClock {
  readonly #now: () => number;
  #entries = new Map<string, PhaseEntry>();

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** The status with the times of all its processes, those included whose phase has just changed. */
  stamp(status: DeploymentStatus): DeploymentStatus {
    const entries = new Map<string, PhaseEntry>();
    for (const { id, phase } of status.view.processes) {
      const known = this.#entries.get(id);
      entries.set(id, known?.phase === phase ? known : { phase, sinceMs: this.#now() });
    }
    this.#entries = entries;
    const phaseSinceMs = Object.fromEntries(
      [...entries].map(([id, { sinceMs }]) => [id, sinceMs] as const),
    );
    return { ...status, phaseSinceMs };
  }
}
