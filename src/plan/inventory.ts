/** What a Plan has to know of the machine and the installation; taken by a launcher, given to the planner. */
export interface Inventory {
  /** Cores that compute threads may use. */
  readonly coreCount: number;
  /** Where the weights of the configured model are: an absolute directory, or a hub name that vLLM resolves. */
  readonly modelDirectory: string;
  /** The program and first arguments that start Penstock itself: node and its `bin/penstock.js`. */
  readonly penstockCommand: readonly string[];
  /** Where the command was given: an absolute directory. */
  readonly workingDirectory: string;
  /** The vLLM that is installed here: "0.31.0"; null where none is found. */
  readonly vllmVersion: string | null;
  /** Whether the model has experts, by its config.json; null where that is not at hand. */
  readonly isMoe: boolean | null;
  /** TCP ports of this machine that somebody listens on; the planner passes them over where nobody has fixed a port. */
  readonly busyPorts: readonly number[];
}
