import { compilePolicy } from "../choose/compile-policy.ts";
import type { Policy, PolicyOptions, RankView } from "../choose/policy.ts";
import type { SessionTable } from "../choose/session-table.ts";
import type { RankRole } from "./rank-change.ts";
import { trialStates } from "./rank-memory.ts";
import type { RankTable, RankWatcher, Standing } from "./rank-table.ts";

/**
 * The ranks of one role: which of them may take a request, and the policy that places requests there.
 *
 * Ranks in quarantine are left out, but for the one request that tries such a rank out once its time is over. Where
 * nobody else is left they serve: better a rank in doubt than none.
 */
export class RankGroup implements RankView, RankWatcher {
  readonly eligible: Uint8Array;
  readonly inFlight: Uint32Array;
  readonly seeds: Uint32Array;
  readonly role: RankRole;
  readonly #table: RankTable;
  readonly #policy: Policy;
  readonly #standings: Standing[] = [];
  #goodCount = 0;
  #doubtfulCount = 0;
  #hasBeenUp = false;

  constructor(table: RankTable, role: RankRole, policy: PolicyOptions) {
    this.eligible = new Uint8Array(table.memory.ranksMax);
    this.inFlight = table.memory.inFlight;
    this.seeds = table.seeds;
    this.role = role;
    this.#table = table;
    this.#policy = compilePolicy(policy, table.memory.ranksMax);
    for (const slot of table.slots()) this.#refresh(slot);
    table.watchers.add(this);
  }

  get count(): number {
    return this.#table.count;
  }

  /** How many of them may take requests. */
  get livingCount(): number {
    return this.#goodCount === 0 ? this.#doubtfulCount : this.#goodCount;
  }

  /** Whether one of them has been up since the router began to look. */
  get hasBeenUp(): boolean {
    return this.#hasBeenUp;
  }

  onRankSign(slot: number): void {
    this.#refresh(slot);
  }

  onRankRemoved(slot: number): void {
    this.#policy.forgetRank(slot);
  }

  /**
   * The slot of a rank that may take a request and is none of these, or -1 when there is none. A rank in doubt that is
   * tried out is given once.
   */
  choose(sessionKey: string | undefined, except: readonly number[]): number {
    const slot = this.#pick(sessionKey, except);
    if (slot !== -1 || this.#goodCount === 0 || this.#doubtfulCount === 0) return slot;
    return this.#pickAmongDoubtful(sessionKey, except);
  }

  /** The session is over: where it was is forgotten. False when it was nowhere. */
  finishSession(sessionKey: string): boolean {
    return this.#policy.finishSession(sessionKey);
  }

  /** Sessions whose rank is remembered. */
  get sessionCount(): number {
    return this.#policy.countSessions();
  }

  /** Where its sessions are, where the policy remembers it. */
  get sessions(): SessionTable | undefined {
    return this.#policy.sessions;
  }

  /** Why none of them can take a request: one clause a rank, the first few of many. */
  whyNoneLives(): string {
    const slots = Array.from(this.#table.slots()).filter((slot) => this.#isMember(slot));
    if (slots.length === 0) return "all ranks have been removed";
    const clauses = slots.slice(0, ranksNamedMax).map((slot) => {
      const { index, role, state, reason } = this.#table.statusOf(slot);
      const name = role === "both" ? "rank" : `${role} rank`;
      return `${name} ${index} is ${state}${reason === "" ? "" : ` (${reason})`}`;
    });
    const restCount = slots.length - clauses.length;
    return restCount > 0 ? `${clauses.join(", ")} and ${restCount} more` : clauses.join(", ");
  }

  #isMember(slot: number): boolean {
    return this.#table.isTaken(slot) && this.#table.roles[slot] === this.role;
  }

  #pick(sessionKey: string | undefined, except: readonly number[]): number {
    for (;;) {
      const slot = this.#chooseWithout(sessionKey, except);
      if (slot === -1 || this.#table.quarantine(slot) === undefined) return slot;
      const isTrial = this.#claimTrial(slot);
      if (isTrial || this.#goodCount === 0) return slot;
      // Another thread has chosen it for its trial: this one's mask says so from now on.
    }
  }

  #chooseWithout(sessionKey: string | undefined, except: readonly number[]): number {
    if (except.length === 0) return this.#policy.choose(sessionKey, this);
    const hidden = except.filter((slot) => this.eligible[slot] === 1);
    for (const slot of hidden) this.eligible[slot] = 0; // Only for the policy, in this turn.
    const slot = this.#policy.choose(sessionKey, this);
    for (const slot of hidden) this.eligible[slot] = 1;
    return slot;
  }

  /** All good ranks have failed this request: those in quarantine are the last that may not. */
  #pickAmongDoubtful(sessionKey: string | undefined, except: readonly number[]): number {
    const shown = Array.from(this.#table.slots()).filter(
      (slot) => this.#standings[slot] === "doubtful" && this.eligible[slot] === 0,
    );
    for (const slot of shown) this.eligible[slot] = 1;
    const slot = this.#chooseWithout(sessionKey, except);
    for (const slot of shown) this.eligible[slot] = 0;
    return slot;
  }

  #claimTrial(slot: number): boolean {
    const { trials } = this.#table.memory;
    const { offered, claimed } = trialStates;
    const isMine = Atomics.compareExchange(trials, slot, offered, claimed) === offered;
    this.#show(slot);
    return isMine;
  }

  #refresh(slot: number): void {
    const before = this.#standings[slot] ?? "out";
    const after = this.#isMember(slot) ? this.#table.standing(slot) : "out";
    const hadGood = this.#goodCount > 0;
    this.#standings[slot] = after;
    this.#goodCount += Number(after === "good") - Number(before === "good");
    this.#doubtfulCount += Number(after === "doubtful") - Number(before === "doubtful");
    this.#hasBeenUp ||= this.#isMember(slot) && this.#table.health(slot).state !== "starting";
    if (hadGood === this.#goodCount > 0) this.#show(slot);
    else for (const each of this.#table.slots()) this.#show(each);
    if (after === "out") this.eligible[slot] = 0;
  }

  /** Writes into the mask whether the rank may take a request. */
  #show(slot: number): void {
    const standing = this.#standings[slot];
    const isOffered = this.#table.memory.trials[slot] === trialStates.offered;
    const serves = standing === "doubtful" && (isOffered || this.#goodCount === 0);
    this.eligible[slot] = Number(standing === "good" || serves);
  }
}

const ranksNamedMax = 8;
