import { PenstockError } from "../errors/mod.ts";

const portMax = 65_535;

export interface PortBookOptions {
  /** Ports that somebody else listens on; passed over on every node, but for bases that are fixed. */
  readonly busyPorts?: readonly number[];
  /** Whether all nodes share the ports of one machine. */
  readonly isOneMachine?: boolean;
}

/** Neighbouring ports of one node. */
export interface PortRequest {
  /** How many; one unless told. */
  readonly count?: number;
  /** Whether the user has said where they begin: then they stay there, whoever listens. */
  readonly isFixed?: boolean;
}

/**
 * Hands out the ports of every node, each at most once a node. A purpose counts up from its base; what is taken
 * already is passed over, so that a port that the user has fixed moves its neighbours and not the other way round.
 */
export class PortBook {
  readonly #taken = new Set<number>();
  readonly #busy: ReadonlySet<number>;
  readonly #isOneMachine: boolean;
  /** The next port to try, for each node and base. */
  readonly #next = new Map<number, number>();

  constructor({ busyPorts = [], isOneMachine = false }: PortBookOptions = {}) {
    this.#busy = new Set(busyPorts);
    this.#isOneMachine = isOneMachine;
  }

  /** Takes a port that the configuration names. */
  fix(node: number, port: number): number {
    this.#taken.add(this.#keyOf(node, port));
    return port;
  }

  /**
   * The first of `count` neighbouring ports of the node that are free, from `base` on.
   *
   * @throws PenstockError PORTS_USED_UP
   */
  take(node: number, base: number, { count = 1, isFixed = false }: PortRequest = {}): number {
    const counter = this.#keyOf(node, base);
    let first = this.#next.get(counter) ?? base;
    for (let port = first; port < first + count; port++)
      if (!this.#isFree(node, port, isFixed)) first = port + 1;
    if (first + count - 1 > portMax) throw new PenstockError("PORTS_USED_UP", { node, base });
    for (let port = first; port < first + count; port++) this.#taken.add(this.#keyOf(node, port));
    this.#next.set(counter, first + count);
    return first;
  }

  /**
   * The first port from `base` on that is free on all of the nodes 0 to nodeCount - 1.
   *
   * @throws PenstockError PORTS_USED_UP
   */
  takeEverywhere(nodeCount: number, base: number): number {
    let port = base;
    for (let node = 0; node < nodeCount; node++)
      if (!this.#isFree(node, port, false)) {
        port++;
        node = -1;
      }
    if (port > portMax) throw new PenstockError("PORTS_USED_UP", { node: 0, base });
    for (let node = 0; node < nodeCount; node++) this.#taken.add(this.#keyOf(node, port));
    return port;
  }

  #isFree(node: number, port: number, isFixed: boolean): boolean {
    return !this.#taken.has(this.#keyOf(node, port)) && (isFixed || !this.#busy.has(port));
  }

  /** One number for a node and a port: cheaper to keep by the hundred thousand than a text. */
  #keyOf(node: number, port: number): number {
    return (this.#isOneMachine ? 0 : node) * (2 * portMax) + port;
  }
}
