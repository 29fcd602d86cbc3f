import {
  checksumOf,
  decodeHeader,
  type Frame,
  type FrameHeader,
  headerBytes,
  ProtocolError,
} from "./frame.ts";

/** Cuts a stream of bytes into frames. Holds at most one frame. */
export class FrameReader {
  readonly #payloadBytesMax: number;
  readonly #headerBytes = Buffer.alloc(headerBytes);
  #header: FrameHeader | null = null;
  #payload = Buffer.alloc(0);
  /** Bytes of the header, or of the payload once there is a header. */
  #filled = 0;

  constructor(payloadBytesMax: number) {
    this.#payloadBytesMax = payloadBytesMax;
  }

  /** True in the middle of a frame. */
  get isBetween(): boolean {
    return this.#header === null && this.#filled === 0;
  }

  /**
   * The frames that these bytes complete.
   *
   * @throws ProtocolError for a type, a length or a checksum that cannot be; the reader is of no use after it
   */
  *push(bytes: Buffer): Generator<Frame> {
    let rest = bytes;
    while (rest.length > 0) {
      rest = this.#header === null ? this.#fillHeader(rest) : this.#fillPayload(rest);
      if (this.#header !== null && this.#filled === this.#header.length) yield this.#finish();
    }
  }

  #fillHeader(bytes: Buffer): Buffer {
    const copied = bytes.copy(this.#headerBytes, this.#filled);
    this.#filled += copied;
    if (this.#filled === headerBytes) {
      this.#header = decodeHeader(this.#headerBytes, this.#payloadBytesMax);
      this.#payload = Buffer.allocUnsafe(this.#header.length);
      this.#filled = 0;
    }
    return bytes.subarray(copied);
  }

  #fillPayload(bytes: Buffer): Buffer {
    const copied = bytes.copy(this.#payload, this.#filled);
    this.#filled += copied;
    return bytes.subarray(copied);
  }

  #finish(): Frame {
    const { type, checksum } = this.#header!; // The caller has seen it.
    const payload = this.#payload;
    if (checksumOf(this.#headerBytes, payload) !== checksum)
      throw new ProtocolError(
        "the checksum of a frame is wrong, its bytes were changed on the way",
      );
    this.#header = null;
    this.#filled = 0;
    return { type, payload };
  }
}
