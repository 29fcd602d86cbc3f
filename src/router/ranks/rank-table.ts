import assert from "node:assert/strict";
import { PenstockError } from "../../errors/mod.ts";
import { parseRankAddress, type RankAddress } from "./rank-address.ts";
import { type HealthSign, initialHealth, nextHealth, type RankHealth } from "./rank-health.ts";
import { Roster, type Seated } from "./roster.ts";

/** "prefill" ranks compute prompts and "decode" ranks answers; "both" do everything themselves. */
export type RankRole = "both" | "prefill" | "decode";

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
  readonly state: RankHealth["state"];
  /** Why it is not up; empty while it is. */
  readonly reason: string;
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

/** Hears of each health sign once it is in the table. */
export interface RankWatcher {
  onRankSign(slot: number, lives: boolean): void;
}

/**
 * All ranks by slot, their position here, each role's side by side. What policies read per request lies in flat
 * arrays; leases are the only writers of the load, health signs the only writers of who lives.
 */
export class RankTable {
  readonly addresses: readonly RankAddress[];
  /** By slot. */
  readonly roles: readonly RankRole[];
  readonly watchers = new Set<RankWatcher>();
  /** By slot. */
  readonly tenants: readonly Roster<RankTenant>[];
  readonly living: Uint8Array;
  readonly inFlight: Uint32Array;
  /** How often each was found ready. */
  readonly readyCounts: Uint32Array;
  livingCount = 0;
  inFlightCount = 0;
  readonly #health: RankHealth[];

  /** @throws PenstockError ROUTER_RANKS_INVALID, ROUTER_RANK_INVALID */
  constructor(options: readonly RankOption[]) {
    checkRanks(options);
    const ranks = rolesInOrder.flatMap((role) => options.filter((rank) => roleOf(rank) === role));
    this.addresses = ranks.map(parseRankAddress);
    this.roles = ranks.map(roleOf);
    this.living = new Uint8Array(ranks.length);
    this.inFlight = new Uint32Array(ranks.length);
    this.readyCounts = new Uint32Array(ranks.length);
    this.#health = ranks.map(() => initialHealth);
    this.tenants = ranks.map(() => new Roster());
  }

  get count(): number {
    return this.addresses.length;
  }

  health(slot: number): RankHealth {
    const health = this.#health[slot];
    assert(health !== undefined);
    return health;
  }

  /** Takes a sign in. Gives true when the rank came up or went out of use by it. */
  note(slot: number, sign: HealthSign, failuresMax: number): boolean {
    const health = nextHealth(this.health(slot), sign, failuresMax);
    this.#health[slot] = health;
    const lives = health.state === "up" ? 1 : 0;
    const turns = this.living[slot] !== lives;
    this.living[slot] = lives;
    if (sign.kind === "ready") this.readyCounts[slot]! += 1;
    if (turns) this.livingCount += lives === 1 ? 1 : -1;
    assert(this.livingCount >= 0 && this.livingCount <= this.count);
    for (const watcher of this.watchers) watcher.onRankSign(slot, lives === 1);
    if (turns && lives === 0) this.#tenantsOf(slot).forEach((tenant) => tenant.onRankDown());
    return turns;
  }

  /** Tells all who have a request there that nothing will come of it. */
  lose(slot: number, reason: string): void {
    this.#tenantsOf(slot).forEach((tenant) => tenant.onRankLost(reason));
  }

  status(): readonly RankStatus[] {
    return this.addresses.map(({ index, url }, slot) => {
      const { state, reason } = this.health(slot);
      return { index, url, role: this.roles[slot]!, state, reason, inFlight: this.inFlight[slot]! };
    });
  }

  #tenantsOf(slot: number): Roster<RankTenant> {
    const tenants = this.tenants[slot];
    assert(tenants !== undefined);
    return tenants;
  }
}

const rolesInOrder: readonly RankRole[] = ["both", "prefill", "decode"];

function roleOf({ role = "both" }: RankOption): RankRole {
  return role;
}

function checkRanks(ranks: readonly RankOption[]): void {
  const invalid = (reason: string) => new PenstockError("ROUTER_RANKS_INVALID", { reason });
  if (ranks.length === 0) throw invalid("it has no ranks to route to");
  const indexes = new Set(ranks.map(({ index }) => index));
  if (indexes.size !== ranks.length) throw invalid("two ranks share an index");
  const [both, prefill, decode] = rolesInOrder.map((role) =>
    ranks.some((rank) => roleOf(rank) === role),
  );
  if (both && (prefill || decode))
    throw invalid("some of its ranks have a role and some have none");
  if (prefill && !decode) throw invalid("it has prefill ranks and no decode rank");
  if (decode && !prefill) throw invalid("it has decode ranks and no prefill rank");
}
