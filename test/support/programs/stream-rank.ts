/**
 * A rank that costs next to nothing, for tests with thousands of requests: `stream-rank.ts PORT`. By path:
 *
 *     GET  /health, /v1/models   200
 *     POST /v1/completions       at once {"n":<length of the body>,"sha":<its SHA-256>}
 *     POST /stream/MS            an event stream: an event every MS milliseconds until the client leaves
 *     POST /flood/BYTES          that many bytes as fast as they are taken
 *     GET  /counts               {"active":<requests under way>,"started":…,"left":<ended by their client>}
 */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

const counts = { active: 0, started: 0, left: 0, floodedBytes: 0 };
const event = `data: {"id":"cmpl-1","object":"text_completion","choices":[{"index":0,"text":" word"}]}\n\n`;
const streams = new Map<number, Set<ServerResponse>>();

const server = createServer((request, response) => {
  const [, kind = "", number = ""] = request.url!.split("/");
  if (request.method === "GET") return answerGet(kind, response);
  counts.active++;
  counts.started++;
  response.on("close", () => {
    counts.active--;
    if (!response.writableEnded) counts.left++;
  });
  if (kind === "stream") stream(response, Number(number));
  else if (kind === "flood") flood(response, Number(number));
  else digest(request, response);
});
server.keepAliveTimeout = 600_000;
server.listen({ host: "127.0.0.1", port: Number(process.argv[2]), backlog: 4_096 }, () => {
  process.stdout.write("listening\n");
});

function answerGet(kind: string, response: ServerResponse): void {
  response.setHeader("content-type", "application/json");
  if (kind === "counts") response.end(JSON.stringify(counts));
  else response.end(`{"object":"list","data":[{"id":"m"}]}`);
}

/** All streams of one interval share one timer. */
function stream(response: ServerResponse, intervalMs: number): void {
  response.writeHead(200, { "content-type": "text/event-stream" }).write(event);
  let peers = streams.get(intervalMs);
  if (peers === undefined) {
    const all = (peers = new Set<ServerResponse>());
    streams.set(intervalMs, all);
    setInterval(() => all.forEach((each) => each.write(event)), intervalMs);
  }
  peers.add(response);
  const all = peers;
  response.on("close", () => all.delete(response));
}

function flood(response: ServerResponse, byteCount: number): void {
  const piece = Buffer.alloc(65_536, "f");
  let left = byteCount;
  response.writeHead(200, { "content-type": "text/plain", "content-length": byteCount });
  const go = () => {
    let takesMore = true;
    while (left > 0 && takesMore) {
      const part = left < piece.length ? piece.subarray(0, left) : piece;
      left -= part.length;
      counts.floodedBytes += part.length;
      takesMore = response.write(part);
    }
    if (left === 0) response.end();
    else response.once("drain", go);
  };
  go();
}

function digest(request: IncomingMessage, response: ServerResponse): void {
  const hash = createHash("sha256");
  let length = 0;
  request.on("data", (chunk: Buffer) => {
    hash.update(chunk);
    length += chunk.length;
  });
  request.on("end", () => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ n: length, sha: hash.digest("hex") }));
  });
}
