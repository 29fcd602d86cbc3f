/** A member knows its place in the one roster that it may be in. */
export interface Seated {
  /** -1 outside. Only the roster writes it. */
  seat: number;
}

/**
 * A set whose members come and go with each request. Unlike a Set it allocates nothing for that: Set's tables
 * outlive their entries, and dead tables in old space keep thousands of finished requests alive through each scavenge.
 */
export class Roster<Member extends Seated> {
  readonly #members: Member[] = [];

  get size(): number {
    return this.#members.length;
  }

  add(member: Member): void {
    if (member.seat !== -1) return;
    member.seat = this.#members.length;
    this.#members.push(member);
  }

  delete(member: Member): void {
    if (member.seat === -1) return;
    const last = this.#members.pop()!; // The roster holds at least this member.
    if (last !== member) {
      this.#members[member.seat] = last;
      last.seat = member.seat;
    }
    member.seat = -1;
  }

  /** Calls for all that are in at this moment and have not left before their turn. */
  forEach(action: (member: Member) => void): void {
    const members = this.#members.slice();
    for (const member of members) if (member.seat !== -1) action(member);
  }
}
