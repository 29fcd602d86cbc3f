/** A file of /dev/shm. The inode tells it from a later one of the same name. */
export interface SharedFile {
  readonly path: string;
  readonly inode: number;
}

/** The files of /dev/shm that are this user's: inodes by path. */
export type Listing = ReadonlyMap<string, number>;

/** How often it is looked who uses a new file, before it counts as somebody else's. */
export const looksMax = 5;

/**
 * Which files of /dev/shm our processes made: those that were not there before the processes were, and that one of
 * them was seen to use soon after. Pure; who uses what is told to it.
 */
export class SharedMemoryLedger {
  readonly #before: ReadonlySet<number>;
  readonly #looks = new Map<number, number>();
  readonly #owned = new Map<string, SharedFile & { readonly owners: Set<string> }>();

  /** Takes what is there before the first process starts. */
  constructor(before: Listing) {
    this.#before = new Set(before.values());
  }

  /** Whether there are files of which it is worth looking who uses them. */
  hasNews(listing: Listing): boolean {
    return [...listing.values()].some((inode) => this.#isNew(inode));
  }

  /** Takes in who uses which paths at this moment. */
  note(listing: Listing, usedBy: ReadonlyMap<string, ReadonlySet<string>>): void {
    this.#forgetGone(listing);
    for (const [path, inode] of listing) {
      if (this.#before.has(inode)) continue;
      const owners = [...usedBy].filter(([, paths]) => paths.has(path)).map(([owner]) => owner);
      const isNew = this.#isNew(inode);
      if (isNew) this.#looks.set(inode, (this.#looks.get(inode) ?? 0) + 1);
      if (owners.length > 0 && (isNew || this.#owned.has(path))) this.#own({ path, inode }, owners);
    }
  }

  /** Every file that is ours, as far as is known. */
  get files(): readonly SharedFile[] {
    return [...this.#owned.values()].map(({ path, inode }) => ({ path, inode }));
  }

  /** The owner has ended: gives the files that nobody else of us owns. They stay in the books until they are gone. */
  release(owner: string): readonly SharedFile[] {
    const left: SharedFile[] = [];
    for (const { path, inode, owners } of this.#owned.values())
      if (owners.delete(owner) && owners.size === 0) left.push({ path, inode });
    return left;
  }

  #isNew(inode: number): boolean {
    return !this.#before.has(inode) && (this.#looks.get(inode) ?? 0) < looksMax;
  }

  #own(file: SharedFile, owners: readonly string[]): void {
    const owned = this.#owned.get(file.path) ?? { ...file, owners: new Set() };
    for (const owner of owners) owned.owners.add(owner);
    this.#owned.set(file.path, owned);
  }

  #forgetGone(listing: Listing): void {
    for (const [path, { inode }] of this.#owned)
      if (listing.get(path) !== inode) this.#owned.delete(path);
    const inodes = new Set(listing.values());
    for (const inode of this.#looks.keys()) if (!inodes.has(inode)) this.#looks.delete(inode);
  }
}
