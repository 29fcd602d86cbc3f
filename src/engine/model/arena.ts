/** Hands out addresses of one memory, front to back; nothing is ever given back. */
export class Arena {
  #end: number;

  constructor(start: number) {
    this.#end = start;
  }

  /** The first byte that no allocation has taken. */
  get end(): number {
    return this.#end;
  }

  /** The address of so many bytes, on a cache line of its own. */
  allocate(bytes: number): number {
    const address = this.#end;
    this.#end += Math.ceil(bytes / cacheLineBytes) * cacheLineBytes;
    return address;
  }
}

const cacheLineBytes = 64;
