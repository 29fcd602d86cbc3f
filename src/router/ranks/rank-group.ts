import { compilePolicy } from "../choose/compile-policy.ts";
import type { Policy, PolicyOptions, RankView } from "../choose/policy.ts";
import type { RankRole, RankTable } from "./rank-table.ts";

/** Ranks of one role: a stretch of the table, and the policy that places requests there. */
export class RankGroup implements RankView {
  readonly firstSlot: number;
  readonly count: number;
  readonly living: Uint8Array;
  readonly inFlight: Uint32Array;
  readonly #table: RankTable;
  readonly #policy: Policy;

  constructor(table: RankTable, role: RankRole, policy: PolicyOptions) {
    this.firstSlot = table.roles.indexOf(role);
    const end = table.roles.lastIndexOf(role) + 1;
    this.count = end - this.firstSlot;
    this.living = table.living.subarray(this.firstSlot, end);
    this.inFlight = table.inFlight.subarray(this.firstSlot, end);
    this.#table = table;
    const indexes = table.addresses.slice(this.firstSlot, end).map(({ index }) => index);
    this.#policy = compilePolicy(policy, indexes);
  }

  get livingCount(): number {
    return this.living.reduce((count, lives) => count + lives, 0);
  }

  /** Whether one of them has been up since the router began to look. */
  get hasBeenUp(): boolean {
    const end = this.firstSlot + this.count;
    return this.#table.readyCounts.subarray(this.firstSlot, end).some((count) => count > 0);
  }

  /** The table's slot of a living rank that is none of these slots, or -1 when there is none. */
  choose(sessionKey: string | undefined, except: readonly number[]): number {
    const hidden = except.filter((slot) => this.#table.living[slot] === 1);
    for (const slot of hidden) this.#table.living[slot] = 0; // Only for the policy, in this turn.
    const position = this.#policy.choose(sessionKey, this);
    for (const slot of hidden) this.#table.living[slot] = 1;
    return position === -1 ? -1 : this.firstSlot + position;
  }

  /** The session is over: where it was is forgotten. False when it was nowhere. */
  finishSession(sessionKey: string): boolean {
    return this.#policy.finishSession(sessionKey);
  }

  /** Sessions whose rank is remembered. */
  get sessionCount(): number {
    return this.#policy.countSessions();
  }

  /** Why none of them can take a request: one clause a rank, the first few of many. */
  whyNoneLives(): string {
    const clauses = this.#table
      .status()
      .slice(this.firstSlot, this.firstSlot + Math.min(this.count, ranksNamedMax))
      .map(({ index, role, state, reason }) => {
        const name = role === "both" ? "rank" : `${role} rank`;
        return `${name} ${index} is ${state}${reason === "" ? "" : ` (${reason})`}`;
      });
    const restCount = this.count - clauses.length;
    return restCount > 0 ? `${clauses.join(", ")} and ${restCount} more` : clauses.join(", ");
  }
}

const ranksNamedMax = 8;
