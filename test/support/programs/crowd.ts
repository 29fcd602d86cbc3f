/**
 * Very many clients in one process: `crowd.ts PORT IDLE STREAMING INTERVAL_MS`. Opens that many connections that ask
 * once and then are kept idle, and that many that read an event stream. Prints a JSON line a second:
 * {"idle":…,"streaming":<with an event in the last five seconds>,"events":…,"broken":…}; ends on SIGTERM.
 */
import { connect, type Socket } from "node:net";

const [port, idleCount, streamingCount, intervalMs] = process.argv.slice(2).map(Number) as [
  number,
  number,
  number,
  number,
];
const openAtOnceMax = 200;
const counts = { idle: 0, events: 0, broken: 0 };
const lastEventMs = new Map<Socket, number>();

const health = "GET /v1/models HTTP/1.1\r\nhost: x\r\n\r\n";
const stream = `POST /stream/${intervalMs} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}`;

let begunCount = 0;
let openingCount = 0;

function openMore(): void {
  while (openingCount < openAtOnceMax && begunCount < idleCount + streamingCount) {
    openingCount++;
    open(begunCount++ < streamingCount);
  }
}

function open(isStreaming: boolean): void {
  const socket = connect({ host: "127.0.0.1", port });
  let isCounted = false;
  socket.on("connect", () => socket.write(isStreaming ? stream : health));
  socket.on("data", (chunk: Buffer) => {
    if (!isCounted) {
      isCounted = true;
      openingCount--;
      if (!isStreaming) counts.idle++;
      openMore();
    }
    if (!isStreaming || !chunk.includes("data: ")) return;
    counts.events++;
    lastEventMs.set(socket, performance.now());
  });
  socket.on("error", () => undefined); // Counted when it closes.
  socket.on("close", () => {
    counts.broken++;
    if (isCounted && !isStreaming) counts.idle--;
    lastEventMs.delete(socket);
  });
}

openMore();
setInterval(() => {
  const sinceMs = performance.now() - 5_000;
  const streaming = [...lastEventMs.values()].filter((timeMs) => timeMs > sinceMs).length;
  process.stdout.write(`${JSON.stringify({ ...counts, streaming })}\n`);
}, 1_000);
