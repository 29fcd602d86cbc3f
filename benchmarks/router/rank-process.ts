/**
 * Stands for all rank servers, in a process of its own: `fork(file, [COUNT])`, which sends its ports to the parent. It
 * parses only as much as it must and answers with bytes that are made once, so that it costs less than any router.
 */
import assert from "node:assert/strict";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { answerBody, doneBytes, eventBytes, eventGapMs } from "./traffic.ts";

const headBytesMax = 65_536;
/** Past it a body does not say how it is to be answered. */
const shortBodyBytesMax = 16_384;
const headEnd = Buffer.from("\r\n\r\n");
const answer = Buffer.concat([
  Buffer.from(
    `HTTP/1.1 200 OK\r\ndate: Thu, 01 Oct 2026 12:00:00 GMT\r\nserver: uvicorn\r\n` +
      `content-length: ${answerBody.length}\r\ncontent-type: application/json\r\n\r\n`,
  ),
  answerBody,
]);
const streamHead = Buffer.from(
  `HTTP/1.1 200 OK\r\ndate: Thu, 01 Oct 2026 12:00:00 GMT\r\nserver: uvicorn\r\n` +
    `content-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n`,
);
const eventChunk = chunkOf(eventBytes);
const lastChunks = Buffer.concat([chunkOf(doneBytes), Buffer.from("0\r\n\r\n")]);

await main(Number(process.argv[2]));

async function main(count: number): Promise<void> {
  process.once("disconnect", () => process.exit());
  const ports = await Promise.all(Array.from({ length: count }, listen));
  process.send?.(ports);
}

function listen(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer({ noDelay: true }, serve);
    server.once("error", reject);
    server.listen(0, "127.0.0.1", 4_096, () => {
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** One request after the other, as routers send them: what comes before an answer is part of its request. */
function serve(socket: Socket): void {
  let head: Buffer = Buffer.alloc(0);
  let missingBytes = 0;
  let isLarge = false;
  let timer: NodeJS.Timeout | undefined;
  const stop = () => clearInterval(timer);
  socket.on("close", stop);
  socket.on("error", () => socket.destroy()); // A router that ends resets connections; its clients notice.
  socket.on("data", (bytes) => {
    if (missingBytes > 0 && isLarge) missingBytes -= bytes.length;
    else {
      head = head.length === 0 ? bytes : Buffer.concat([head, bytes]);
      const end = head.indexOf(headEnd);
      if (end < 0) {
        assert.ok(head.length <= headBytesMax, "a head has no end");
        return;
      }
      const bodyBytes = contentLength(head.toString("latin1", 0, end));
      isLarge = bodyBytes > shortBodyBytesMax;
      missingBytes = bodyBytes - (head.length - end - headEnd.length);
    }
    if (missingBytes > 0) return;
    assert.equal(missingBytes, 0, "bytes behind the end of a request");
    const wanted = isLarge ? undefined : wantedEvents(head);
    head = Buffer.alloc(0);
    if (wanted === undefined) socket.write(answer);
    else timer = stream(socket, wanted);
  });
}

/** Sends so many events, one at a time. */
function stream(socket: Socket, eventCount: number): NodeJS.Timeout {
  let sentCount = 0;
  socket.write(streamHead);
  const timer = setInterval(() => {
    sentCount += 1;
    socket.write(eventChunk);
    if (sentCount < eventCount) return;
    clearInterval(timer);
    socket.write(lastChunks);
  }, eventGapMs);
  return timer;
}

/** 0 for a request without a body, such as a health check. */
function contentLength(head: string): number {
  assert.ok(!/\r\ntransfer-encoding:/i.test(head), "a request of unknown length");
  return Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
}

/** Undefined where no stream is wanted. */
function wantedEvents(request: Buffer): number | undefined {
  if (!request.includes('"stream":true')) return undefined;
  const text = request.toString("latin1");
  return Number(/"max_tokens":(\d+)/.exec(text)?.[1]);
}

function chunkOf(bytes: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from(`${bytes.length.toString(16)}\r\n`),
    bytes,
    Buffer.from("\r\n"),
  ]);
}
