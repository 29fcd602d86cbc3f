/** Most heads with a short body. */
const smallBytes = 8_192;
/** A read of a socket with a head before it. */
const largeBytes = 65_536 + 16_384;

/**
 * Memory in which messages are put together for one write each. The two sizes keep a short message that the kernel
 * did not take from holding much memory.
 */
export class Scratch {
  #small = Buffer.allocUnsafeSlow(smallBytes);
  #large = Buffer.allocUnsafeSlow(largeBytes);
  #last = 0;

  /** Latin-1 text with bytes behind it. The result holds until the next call, unless it is given away. */
  fill(text: string, bytes: Buffer): Buffer {
    const byteCount = text.length + bytes.length;
    this.#last = byteCount;
    const target = this.#targetOf(byteCount);
    if (text.length > 0) target.write(text, "latin1");
    target.set(bytes, text.length);
    return byteCount === target.length ? target : target.subarray(0, byteCount);
  }

  /** The kernel did not take the last result, which is somebody else's from now on. */
  giveAway(): void {
    if (this.#last <= smallBytes) this.#small = Buffer.allocUnsafeSlow(smallBytes);
    else if (this.#last <= largeBytes) this.#large = Buffer.allocUnsafeSlow(largeBytes);
  }

  #targetOf(byteCount: number): Buffer {
    if (byteCount <= smallBytes) return this.#small;
    return byteCount <= largeBytes ? this.#large : Buffer.allocUnsafeSlow(byteCount);
  }
}
