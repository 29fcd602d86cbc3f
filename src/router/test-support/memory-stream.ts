import type { ByteStream, StreamUser } from "../net/byte-stream.ts";
import { nobody } from "../net/nobody.ts";

/** A stream to nowhere that shows what was written. What the other side does, tests do. */
export class MemoryStream implements ByteStream {
  user: StreamUser = nobody;
  written = "";
  state: "open" | "ended" | "destroyed" | "reset" = "open";
  isConnected = true;
  isCongested = false;
  waitingByteCount = 0;
  isPaused = false;
  /** Whether what is written leaves, so that end() comes to its end. */
  isTaken = true;

  writeHead(text: string): void {
    this.written += text;
  }

  write(bytes: Buffer | string): boolean {
    this.written += bytes.toString();
    return true;
  }

  writeKept(parts: readonly Buffer[]): boolean {
    return parts.every((part) => this.write(part));
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  end(onFlushed: () => void): void {
    this.state = "ended";
    if (this.isTaken) queueMicrotask(onFlushed);
  }

  destroy(): void {
    this.state = "destroyed";
  }

  reset(): void {
    this.state = "reset";
  }
}
