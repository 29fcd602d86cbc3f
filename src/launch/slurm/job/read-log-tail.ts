import { open } from "node:fs/promises";

const tailBytesMax = 65_536;

/** The end of a job's log; empty where this machine does not see it. */
export async function readLogTail(file: string): Promise<string> {
  try {
    const handle = await open(file);
    try {
      const { size } = await handle.stat();
      const length = Math.min(size, tailBytesMax);
      const { buffer, bytesRead } = await handle.read(
        Buffer.alloc(length),
        0,
        length,
        size - length,
      );
      return buffer.toString("utf8", 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch {
    // On a disk of the job's first node, or not written yet: the state alone has to tell.
    return "";
  }
}
