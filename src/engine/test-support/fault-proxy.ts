import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { TestContext } from "node:test";

/** What a network may do to the bytes that a producer sends. */
export type Fault =
  | { readonly kind: "none" }
  /** The connection ends after so many bytes. */
  | { readonly kind: "cut"; readonly afterBytes: number }
  /** Nothing comes after so many bytes, and nobody says so. */
  | { readonly kind: "silence"; readonly afterBytes: number }
  /** One bit of this byte is another one. */
  | { readonly kind: "flip"; readonly at: number };

/** A network between two engines, with a fault. Ends with the test. */
export async function startFaultProxy(
  context: TestContext,
  target: { readonly host: string; readonly port: number },
  fault: Fault,
): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target);
    let passed = 0;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        client.destroy();
        upstream.destroy();
      });
    }
    client.on("data", (bytes) => upstream.write(bytes));
    upstream.on("data", (bytes: Buffer) => {
      const begin = passed;
      passed += bytes.length;
      if (fault.kind === "silence" && passed > fault.afterBytes) return;
      if (fault.kind === "flip" && fault.at >= begin && fault.at < passed)
        bytes[fault.at - begin]! ^= 4;
      if (fault.kind !== "cut" || passed <= fault.afterBytes) client.write(bytes);
      else client.end(bytes.subarray(0, Math.max(0, fault.afterBytes - begin)));
    });
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  context.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}
