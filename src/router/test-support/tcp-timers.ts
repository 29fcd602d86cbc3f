import { readFileSync } from "node:fs";

/** "skip" of tests that look into /proc. */
export const skipOffLinux = { skip: process.platform !== "linux" };

/** Timer of a connection in /proc/net/tcp by which the kernel asks whether the other machine is still there. */
const keepAliveTimer = "02";

/** Whether one side of a connection to this port, or the side that accepted it, has the kernel ask for the other. */
export function keepsAlive(port: number, side: "connecting" | "accepting"): boolean {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  return readFileSync("/proc/net/tcp", "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .some(([, local, remote, state, , timer]) => {
      const end = side === "connecting" ? remote : local;
      return end?.endsWith(`:${hex}`) && state === "01" && timer?.startsWith(keepAliveTimer);
    });
}
