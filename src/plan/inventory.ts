/** What a Plan has to know of the machine and the installation; taken by a launcher, given to the planner. */
export interface Inventory {
  /** Cores that compute threads may use. */
  readonly coreCount: number;
  /** Where the weights of the configured model are: an absolute directory. */
  readonly modelDirectory: string;
  /** The program and first arguments that start Penstock itself: node and its `bin/penstock.js`. */
  readonly penstockCommand: readonly string[];
}
