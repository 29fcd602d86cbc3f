import { write as writeCallback } from "node:fs";
import { promisify } from "node:util";

/** Where the lines of an access log go. One call at a time. */
export interface LogSink {
  /** Writes some of the bytes and gives how many, 0 where it takes none now; rejects with a system error. */
  write(bytes: Buffer): Promise<number>;
  close(): Promise<void>;
}

const write = promisify(writeCallback);

/** Standard output, without ever holding the event loop: `process.stdout` writes to pipes synchronously. */
export const standardOutput: LogSink = {
  write: (bytes) => takenOf(write(1, bytes)),
  close: async () => {},
};

/** What a write took: nothing where a pipe is full that does not wait for its reader. */
export async function takenOf(
  writing: Promise<{ readonly bytesWritten: number }>,
): Promise<number> {
  try {
    return (await writing).bytesWritten;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    return 0;
  }
}
