import assert from "node:assert/strict";
import { PenstockError } from "../../errors/mod.ts";
import { rankSeed } from "../choose/rank-scores.ts";
import { checkRanks } from "./check-ranks.ts";
import type { Quarantine } from "./quarantine.ts";
import { parseRankAddress, type RankAddress } from "./rank-address.ts";
import type { RankChange, RankRole } from "./rank-change.ts";
import { type HealthSign, initialHealth, nextHealth, type RankHealth } from "./rank-health.ts";
import { RankMemory } from "./rank-memory.ts";
import { Roster, type Seated } from "./roster.ts";

export type { RankRole } from "./rank-change.ts";

/** A rank server as it is given to the router. */
export interface RankOption {
  /** The rank's identity for its sessions. */
  readonly index: number;
  /** An http URL without a path. */
  readonly url: string;
  /** Default "both". Either all ranks have it or none, and then there are some of each other role. */
  readonly role?: RankRole;
}

export interface RankStatus {
  readonly index: number;
  readonly url: string;
  readonly role: RankRole;
  /**
   * "starting" has not been ready since the router began to look; "up" takes requests; "down" was up and is not;
   * "quarantined" answers its health checks and failed requests; "draining" finishes the requests that it has.
   */
  readonly state: RankHealth["state"] | "quarantined" | "draining";
  /** Why it is not up; empty while it is. */
  readonly reason: string;
  /** For a rank in quarantine: when one request tries it out, or did, on the router's clock. */
  readonly untilMs?: number;
  /** Requests between choice and last byte. */
  readonly inFlight: number;
}

/** Whoever has a request at a rank. May leave, and others end, when it is told. */
export interface RankTenant extends Seated {
  /** The rank went out of use: it is gone, or only busy. */
  onRankDown(): void;
  /** Nothing has come from the rank for so long that nothing will. */
  onRankLost(reason: string): void;
}

/** Hears of each change once it is in the table. */
export interface RankWatcher {
  /** A sign of its health came, or it entered or left a quarantine, or began to drain; `lives` while probes go well. */
  onRankSign?(slot: number, lives: boolean): void;
  /** The slot has a rank now. */
  onRankAdded?(slot: number): void;
  /** The slot is empty now. */
  onRankRemoved?(slot: number): void;
}

/** What may be asked of a rank. */
export type Standing =
  /** Nothing: it is not up, leaves, or is not there. */
  | "out"
  /** It is in quarantine: requests only where there is no other rank. */
  | "doubtful"
  | "good";

/**
 * All ranks by slot. What policies read per request lies in flat arrays; leases are the only writers of the load, which
 * all threads share. All else is each thread's own and changes by {@linkcode RankChange}s alone: the first thread
 * makes them and tells its listeners, the others {@linkcode RankTable.apply} them.
 */
export class RankTable {
  readonly memory: RankMemory;
  /** By slot; in an empty slot that of its last rank. */
  readonly addresses: RankAddress[] = [];
  /** By slot. */
  readonly roles: RankRole[] = [];
  /** By slot: what {@linkcode rankSeed} gives. */
  readonly seeds: Uint32Array;
  /** By slot. */
  readonly tenants: Roster<RankTenant>[] = [];
  /** By slot: 1 while probes go well. */
  readonly living: Uint8Array;
  /** By slot: how often it was found ready, whichever rank it had. */
  readonly readyCounts: Uint32Array;
  readonly watchers = new Set<RankWatcher>();
  /** They carry changes to other threads. */
  readonly listeners = new Set<(change: RankChange) => void>();
  livingCount = 0;
  readonly #taken: Uint8Array;
  readonly #draining: Uint8Array;
  readonly #health: RankHealth[] = [];
  readonly #quarantines: (Quarantine | undefined)[] = [];

  /**
   * A table of these ranks, or one that is where the other one was that these changes are a {@linkcode RankTable.snapshot} of.
   * @throws PenstockError ROUTER_RANKS_INVALID, ROUTER_RANK_INVALID
   */
  constructor(
    from: readonly RankOption[] | { readonly changes: readonly RankChange[] },
    memory: RankMemory = new RankMemory(),
  ) {
    this.memory = memory;
    this.seeds = new Uint32Array(memory.ranksMax);
    this.living = new Uint8Array(memory.ranksMax);
    this.readyCounts = new Uint32Array(memory.ranksMax);
    this.#taken = new Uint8Array(memory.ranksMax);
    this.#draining = new Uint8Array(memory.ranksMax);
    if ("changes" in from) {
      for (const change of from.changes) this.apply(change);
      return;
    }
    checkRanks(from, memory.ranksMax);
    for (const [slot, { index, url, role = "both" }] of from.entries())
      this.apply({ kind: "added", slot, index, url, role });
  }

  /** Slots that may have a rank: those from here on are empty. */
  get count(): number {
    return this.addresses.length;
  }

  /** Requests between choice and last byte, by slot. */
  get inFlight(): Uint32Array {
    return this.memory.inFlight;
  }

  /** Whether the slot has a rank. */
  isTaken(slot: number): boolean {
    return this.#taken[slot] === 1;
  }

  /** Slots that have a rank. */
  *slots(): Generator<number> {
    for (let slot = 0; slot < this.count; slot++) if (this.isTaken(slot)) yield slot;
  }

  isDraining(slot: number): boolean {
    return this.#draining[slot] === 1;
  }

  health(slot: number): RankHealth {
    const health = this.#health[slot];
    assert(health !== undefined);
    return health;
  }

  quarantine(slot: number): Quarantine | undefined {
    return this.#quarantines[slot];
  }

  standing(slot: number): Standing {
    if (this.living[slot] !== 1 || this.isDraining(slot)) return "out";
    return this.#quarantines[slot] === undefined ? "good" : "doubtful";
  }

  /**
   * Takes another rank in.
   * @throws PenstockError ROUTER_RANK_INVALID, ROUTER_RANK_NOT_ADDED
   */
  add(rank: RankOption, slot: number): void {
    const { index, url, role = "both" } = rank;
    assert(slot >= 0 && slot <= this.count && !this.isTaken(slot));
    const notAdded = (reason: string) =>
      new PenstockError("ROUTER_RANK_NOT_ADDED", { index, reason });
    if (slot >= this.memory.ranksMax) throw notAdded(`it has all ${slot} that it may have`);
    // A rank that drains may have its successor already.
    const stays = (other: number) =>
      !this.isDraining(other) && this.addresses[other]!.index === index;
    if (Array.from(this.slots()).some(stays)) throw notAdded("it has a rank with this index");
    if (this.roles.includes("both") !== (role === "both"))
      throw notAdded("all of its ranks must have a role or none");
    parseRankAddress({ index, url });
    this.change({ kind: "added", slot, index, url, role });
  }

  /** Takes a health sign in. Gives true when the rank's health turned by it. */
  note(slot: number, sign: HealthSign, failuresMax: number): boolean {
    const before = this.living[slot];
    const health = nextHealth(this.health(slot), sign, failuresMax);
    this.change({ kind: "health", slot, health, isReady: sign.kind === "ready" });
    return this.living[slot] !== before;
  }

  /** Tells all who have a request there that nothing will come of it. */
  lose(slot: number, reason: string): void {
    this.change({ kind: "lost", slot, reason });
  }

  /** From now on it takes no new requests and finishes those that it has. */
  drain(slot: number): void {
    if (!this.isDraining(slot)) this.change({ kind: "draining", slot });
  }

  /** Takes it out at once, with the requests that it has. */
  remove(slot: number, reason = "it was removed"): void {
    this.change({ kind: "removed", slot, reason });
  }

  /** Takes a change in and tells it to other threads. Only for the table of the first one. */
  change(change: RankChange): void {
    // Before it is taken in: that may lead to further changes, which others must hear of later.
    for (const listener of this.listeners) listener(change);
    this.apply(change);
  }

  /** Takes a change in. */
  apply(change: RankChange): void {
    const { slot } = change;
    assert(this.isTaken(slot) !== (change.kind === "added"));
    if (change.kind === "added") return this.#begin(change);
    if (change.kind === "removed") return this.#end(slot, change.reason);
    if (change.kind === "lost")
      return this.#tenantsOf(slot).forEach((tenant) => tenant.onRankLost(change.reason));
    if (change.kind === "draining") this.#draining[slot] = 1;
    if (change.kind === "quarantine") this.#quarantines[slot] = change.quarantine;
    const goesDown = change.kind === "health" && this.#setHealth(slot, change);
    this.#tell(slot);
    if (goesDown) this.#tenantsOf(slot).forEach((tenant) => tenant.onRankDown());
  }

  /** Changes that bring another table with the same memory where this one is. */
  snapshot(): readonly RankChange[] {
    const changes: RankChange[] = [];
    for (const slot of this.slots()) {
      const { index, url } = this.addresses[slot]!;
      changes.push({ kind: "added", slot, index, url, role: this.roles[slot]! });
      const isReady = this.living[slot] === 1;
      changes.push({ kind: "health", slot, health: this.health(slot), isReady });
      const quarantine = this.quarantine(slot);
      if (quarantine !== undefined) changes.push({ kind: "quarantine", slot, quarantine });
      if (this.isDraining(slot)) changes.push({ kind: "draining", slot });
    }
    return changes;
  }

  /** Those who watch ranks may look at this one anew: whoever was to try it out did not. */
  noteTrialOffered(slot: number): void {
    if (this.isTaken(slot)) this.#tell(slot);
  }

  status(): readonly RankStatus[] {
    return Array.from(this.slots(), (slot) => this.statusOf(slot));
  }

  statusOf(slot: number): RankStatus {
    const { index, url } = this.addresses[slot]!;
    const { state, reason } = this.health(slot);
    const quarantine = this.quarantine(slot);
    const rank = { index, url, role: this.roles[slot]!, inFlight: this.inFlight[slot]! };
    if (this.isDraining(slot)) return { ...rank, state: "draining", reason: "it is being drained" };
    if (state !== "up" || quarantine === undefined) return { ...rank, state, reason };
    const { reason: fault, untilMs } = quarantine;
    return { ...rank, state: "quarantined", reason: fault, untilMs };
  }

  #begin({ slot, index, url, role }: Extract<RankChange, { kind: "added" }>): void {
    this.addresses[slot] = parseRankAddress({ index, url });
    this.roles[slot] = role;
    this.seeds[slot] = rankSeed(index);
    this.tenants[slot] = new Roster();
    this.#taken[slot] = 1;
    this.#draining[slot] = 0;
    this.#health[slot] = initialHealth;
    this.#quarantines[slot] = undefined;
    for (const watcher of this.watchers) watcher.onRankAdded?.(slot);
  }

  #end(slot: number, reason: string): void {
    this.livingCount -= this.living[slot]!;
    this.living[slot] = 0;
    this.#taken[slot] = 0;
    this.#health[slot] = initialHealth;
    this.#quarantines[slot] = undefined;
    this.#tell(slot);
    // Tenants come last: what they report of a rank that is gone is then nobody's concern.
    for (const watcher of this.watchers) watcher.onRankRemoved?.(slot);
    this.#tenantsOf(slot).forEach((tenant) => tenant.onRankLost(reason));
  }

  /** True when it went out of use by it. */
  #setHealth(slot: number, { health, isReady }: Extract<RankChange, { kind: "health" }>): boolean {
    const before = this.living[slot]!;
    const lives = health.state === "up" ? 1 : 0;
    this.#health[slot] = health;
    this.living[slot] = lives;
    this.livingCount += lives - before;
    if (isReady) this.readyCounts[slot]! += 1;
    return before === 1 && lives === 0;
  }

  #tell(slot: number): void {
    for (const watcher of this.watchers) watcher.onRankSign?.(slot, this.living[slot] === 1);
  }

  #tenantsOf(slot: number): Roster<RankTenant> {
    const tenants = this.tenants[slot];
    assert(tenants !== undefined);
    return tenants;
  }
}
