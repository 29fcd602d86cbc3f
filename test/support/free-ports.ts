import { createServer } from "node:net";

/** A port for the router such that the rank ports behind it (port + 100 + rank) are free too. */
export async function findServerPort(rankCount: number): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const ports = [port, ...Array.from({ length: rankCount }, (_, rank) => port + 100 + rank)];
    const free = await Promise.all(ports.map(isFree));
    if (free.every(Boolean)) return port;
  }
  throw new Error("Found no free ports in 50 attempts");
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
