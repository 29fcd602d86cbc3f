import type { PolicyName } from "../../src/router/choose/policy.ts";
import type { RankGroup } from "../../src/router/ranks/rank-group.ts";
import type { RankTable } from "../../src/router/ranks/rank-table.ts";
import type { World } from "./world.ts";

export interface PlacementRulesParts {
  readonly world: World;
  readonly table: RankTable;
  readonly policy: PolicyName;
  /** Sessions that a policy remembers. */
  readonly sessionsMax: number;
}

/**
 * Looks at each choice of a rank: what no policy may do, and what each one promises, told from choices alone. Ranks in
 * quarantine have rules of their own and are left out.
 */
export class PlacementRules {
  readonly #parts: PlacementRulesParts;
  readonly #group: RankGroup;
  /** Where each session was, by its key and the ranks that could be chosen. */
  readonly #homes = new Map<string, number>();
  #lastRanks = "";
  #lastChoices: number[] = [];

  constructor(group: RankGroup, parts: PlacementRulesParts) {
    this.#group = group;
    this.#parts = parts;
  }

  /** Hears of each choice from now on. */
  watch(): void {
    const group = this.#group;
    const choose = group.choose.bind(group);
    group.choose = (sessionKey, except) => {
      const open = this.#openSlots(except);
      const slot = choose(sessionKey, except);
      this.#check({ sessionKey, except, open, slot });
      return slot;
    };
    const finish = group.finishSession.bind(group);
    group.finishSession = (sessionKey) => {
      this.#homes.delete(sessionKey);
      return finish(sessionKey);
    };
  }

  #openSlots(except: readonly number[]): readonly number[] {
    const { eligible } = this.#group;
    const slots = Array.from(this.#parts.table.slots());
    return slots.filter((slot) => eligible[slot] === 1 && !except.includes(slot));
  }

  #check(choice: Choice): void {
    const { sessionKey, slot, open, except } = choice;
    const { table } = this.#parts;
    if (slot === -1) {
      if (open.length > 0)
        this.#violate("a rank that can serve does", `slots ${open.join()} did not`);
      return;
    }
    const serves = table.isTaken(slot) && table.standing(slot) !== "out" && !except.includes(slot);
    if (!serves) return this.#violate("only ranks that can serve do", `slot ${slot} was chosen`);
    const isDoubtful = (other: number) => table.quarantine(other) !== undefined;
    if (open.includes(slot) && !open.some(isDoubtful)) return this.#checkPolicy(choice);
    this.#lastRanks = ""; // A turn that is not counted.
    if (sessionKey !== undefined) this.#homes.set(sessionKey, slot);
  }

  #checkPolicy({ sessionKey, slot, open }: Choice): void {
    const { policy } = this.#parts;
    if (policy === "round_robin") this.#checkTurns(slot, open);
    else if (policy === "power_of_two") this.#checkLoad(slot, open, "not the fullest");
    else if (sessionKey === undefined) this.#checkLoad(slot, open, "the emptiest");
    else if (policy === "consistent_hash") this.#checkHome(`${sessionKey} of ${open.join()}`, slot);
    else this.#checkStay(sessionKey, slot, open);
  }

  /** The same session has the same rank as long as the same ranks serve. */
  #checkHome(key: string, slot: number): void {
    const home = this.#homes.get(key) ?? slot;
    this.#homes.set(key, slot);
    if (home !== slot) this.#violate("sessions stay", `${key} moved from slot ${home} to ${slot}`);
  }

  /** A session stays where it is as long as that rank serves, whichever others do. */
  #checkStay(key: string, slot: number, open: readonly number[]): void {
    const home = this.#homes.get(key) ?? slot;
    this.#homes.set(key, slot);
    const isForgotten = this.#group.sessionCount >= this.#parts.sessionsMax;
    if (home === slot || isForgotten || !open.includes(home)) return;
    this.#violate("sessions stay", `${key} moved from slot ${home} to ${slot}`);
  }

  /** Nobody's turn comes twice before everybody's came once. */
  #checkTurns(slot: number, open: readonly number[]): void {
    const ranks = open.join();
    if (ranks !== this.#lastRanks) this.#lastChoices = [];
    this.#lastRanks = ranks;
    if (this.#lastChoices.includes(slot)) {
      this.#violate("each rank has its turn", `slot ${slot} again, of ${ranks}`);
    }
    this.#lastChoices = [...this.#lastChoices, slot].slice(-open.length + 1);
    if (open.length === 1) this.#lastChoices = [];
  }

  #checkLoad(
    slot: number,
    open: readonly number[],
    which: "the emptiest" | "not the fullest",
  ): void {
    const { inFlight } = this.#group;
    const load = inFlight[slot]!;
    const others = open.filter((other) => other !== slot).map((other) => inFlight[other]!);
    if (others.length === 0) return;
    const isWell =
      which === "the emptiest" ? load <= Math.min(...others) : load <= Math.max(...others);
    if (!isWell)
      this.#violate("load is spread", `slot ${slot} has ${load}, others ${others.join()}`);
  }

  #violate(invariant: string, detail: string): void {
    this.#parts.world.violate(invariant, detail);
  }
}

interface Choice {
  readonly sessionKey: string | undefined;
  readonly except: readonly number[];
  /** Slots that could be chosen. */
  readonly open: readonly number[];
  readonly slot: number;
}
