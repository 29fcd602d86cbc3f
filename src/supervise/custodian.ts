import { type KeeperState, nothingToKeep } from "./keeper/keeper-state.ts";
import { type Keeper, startKeeper } from "./keeper/start-keeper.ts";
import {
  listSharedMemory,
  pathsUsedBy,
  removeUnused,
  watchSharedMemory,
} from "./shared-memory/files.ts";
import { type Listing, type SharedFile, SharedMemoryLedger } from "./shared-memory/ledger.ts";
import { readProcessTable } from "./tree/process-table.ts";
import { ProcessTree } from "./tree/process-tree.ts";

/** How often it is looked for new files in /dev/shm, which costs little. */
const lookMs = 1_000;
/** How soon after a change there, and how long after the look before: their makers may not live long. */
const changeLookMs = 5;
const changePauseMs = 250;
/** How many times as long as a look took it is not looked again, as other jobs may change /dev/shm all the time. */
const pausesPerLook = 20;
/** How often, in looks, all processes of the machine are gone through for those that changed their environment. */
const looksPerFamilyLook = 10;

/**
 * Knows what our processes start and leave behind: it ends whole trees, removes their files in /dev/shm, and tells the
 * keeper, which does the same when the supervisor is killed.
 */
export class Custodian {
  readonly #keeper: Keeper;
  readonly #directories: readonly string[];
  readonly #ledger: SharedMemoryLedger;
  readonly #trees = new Set<ProcessTree>();
  readonly #timer: NodeJS.Timeout;
  readonly #unwatch: () => void;
  #changeTimer: NodeJS.Timeout | undefined;
  /** When it may be looked again. */
  #nextLookMs = 0;
  #looks = 0;
  #kept = "";

  /** The directories are the keeper's to remove, when it comes to that; `onKeeperLost` hears when there is none. */
  constructor(directories: readonly string[], onKeeperLost: () => void = () => {}) {
    this.#directories = directories;
    this.#ledger = new SharedMemoryLedger(listSharedMemory());
    this.#keeper = startKeeper(onKeeperLost);
    this.#timer = setInterval(() => this.#lookSoon(), lookMs).unref();
    this.#unwatch = watchSharedMemory(() => this.#lookSoon());
  }

  /** The tree of a process that is about to be started; the keeper knows of it before the process exists. */
  plantTree(): ProcessTree {
    const tree = new ProcessTree();
    this.#trees.add(tree);
    this.#tellKeeper();
    return tree;
  }

  /** Looks who is there and which files they use: to be called while they still live. */
  look(listing: Listing = listSharedMemory()): void {
    const table = readProcessTable();
    const families = [...this.#trees].map((tree) => [tree.token, tree.look(table)] as const);
    if (this.#ledger.hasNews(listing)) {
      const usedBy = families.map(([token, family]) => [token, pathsUsedBy(family)] as const);
      this.#ledger.note(listing, new Map(usedBy));
    }
    this.#tellKeeper();
  }

  /** The files of /dev/shm that were made here, as far as was seen. */
  get sharedFiles(): readonly SharedFile[] {
    return this.#ledger.files;
  }

  /** Nobody of the tree lives any more: removes the files that only they used. */
  clear(tree: ProcessTree): void {
    this.#trees.delete(tree);
    removeUnused(this.#ledger.release(tree.token));
    this.#tellKeeper();
  }

  /** The first process of a tree runs. */
  tellOf(tree: ProcessTree, pid: number): void {
    tree.root(pid);
    this.#tellKeeper();
  }

  /** Removes the files that are left and lets the keeper go, with those trees that could not be ended in time. */
  close(): void {
    this.#unwatch();
    clearTimeout(this.#changeTimer);
    clearInterval(this.#timer);
    removeUnused(this.sharedFiles);
    const left = { ...this.#stateToKeep(), directories: [] };
    this.#keeper.dismiss(this.#trees.size === 0 ? nothingToKeep : left);
  }

  #lookSoon(): void {
    if (this.#changeTimer !== undefined) return;
    const look = (): void => {
      this.#changeTimer = undefined;
      this.#lookAround();
    };
    const pauseMs = this.#nextLookMs - performance.now();
    this.#changeTimer = setTimeout(look, Math.max(changeLookMs, pauseMs)).unref();
  }

  #lookAround(): void {
    const beginMs = performance.now();
    const listing = listSharedMemory();
    const isDue = this.#looks++ % looksPerFamilyLook === 0;
    if (isDue || this.#ledger.hasNews(listing)) this.look(listing);
    const endMs = performance.now();
    this.#nextLookMs = endMs + Math.max(changePauseMs, pausesPerLook * (endMs - beginMs));
  }

  #tellKeeper(): void {
    const state = this.#stateToKeep();
    const text = JSON.stringify(state);
    if (text === this.#kept) return;
    this.#kept = text;
    this.#keeper.keep(state);
  }

  #stateToKeep(): KeeperState {
    const trees = [...this.#trees].map(({ token, members }) => ({ token, members: [...members] }));
    return { trees, files: this.sharedFiles, directories: this.#directories };
  }
}
