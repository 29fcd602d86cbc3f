import { createServer, type RequestListener, type Server } from "node:http";
import {
  type AddressInfo,
  createServer as createRawServer,
  type Server as RawServer,
} from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** A little rank server on loopback. */
export interface TestRank {
  readonly url: string;
  readonly port: number;
  /** Connections made to it so far, without those of health checks where it can tell. */
  readonly connectionCount: number;
  /** Stops listening and cuts all connections, as a killed process does. */
  kill(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A rank on Node's own HTTP server: /health answers 200, everything else goes to the listener. */
export async function startRank(listener: RequestListener, port = 0): Promise<TestRank> {
  const server = createServer((request, response) => {
    if (request.url === "/health") response.end();
    else listener(request, response);
  });
  return serve(server, port);
}

/** A rank that is told each byte: `onRequest` gets all that was received whenever something comes. */
export async function startRawRank(
  onRequest: (received: string, write: RawWriter) => void,
  onClose?: () => void,
): Promise<TestRank> {
  const server = createRawServer((socket) => {
    let received = "";
    if (onClose !== undefined) socket.on("close", onClose);
    socket.on("error", () => undefined); // The router may cut it at any time.
    socket.on("data", (chunk: Buffer) => {
      received += chunk.toString("latin1");
      if (received.startsWith("GET /health ")) {
        socket.end("HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
      } else {
        onRequest(received, {
          write: (text) => void socket.write(text, "latin1"),
          end: () => void socket.end(),
          reset: () => void socket.resetAndDestroy(),
        });
      }
    });
  });
  return serve(server, 0);
}

export interface RawWriter {
  readonly write: (text: string) => void;
  readonly end: () => void;
  readonly reset: () => void;
}

/** Answers the first request of each connection; the second one makes it do `act`. */
export function startStaleRank(act: "end" | "reset", firstBytes = ""): Promise<TestRank> {
  return startRawRank((received, connection) => {
    const requestCount = received.split("\r\n\r\n").length - 1;
    if (requestCount === 1) connection.write("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n1");
    else {
      if (firstBytes !== "") connection.write(firstBytes);
      connection[act]();
    }
  });
}

/** A port on which nothing listens. */
export async function unusedPort(): Promise<number> {
  const server = createRawServer();
  await listen(server, 0);
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function serve(server: Server | RawServer, wantedPort: number): Promise<TestRank> {
  const sockets = new Set<{ destroy(): void }>();
  let connectionCount = 0;
  server.on("connection", (socket) => {
    connectionCount++;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await listen(server, wantedPort);
  const { port } = server.address() as AddressInfo;
  const kill = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    get connectionCount() {
      return connectionCount;
    },
    kill,
    [Symbol.asyncDispose]: kill,
  };
}

/** Binds; a port that was just given up may be taken for a moment by an outgoing connection. */
async function listen(server: Server | RawServer, port: number): Promise<void> {
  for (let triesLeft = 50; ; triesLeft--) {
    try {
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(port, "127.0.0.1", resolve);
      });
      return;
    } catch (error) {
      if (triesLeft === 0) throw error;
      await delay(20);
    }
  }
}
