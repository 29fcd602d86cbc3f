import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { Worker } from "node:worker_threads";
import { eventually } from "./within.ts";

export interface StuckRank {
  readonly url: string;
  /** From here on the port is open and nobody accepts: connections to it hang. */
  stopAccepting(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Answers with an empty 200, or as x-answer says, then, when told, blocks its thread for good. */
const program = `
const { parentPort } = require("node:worker_threads");
const server = require("node:http").createServer(({ headers }, response) => {
  response.setHeader("connection", "close");
  if (headers["x-answer"] === "begun") {
    response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\\n\\n");
  } else if (headers["x-answer"] !== "none") response.end();
});
server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => parentPort.postMessage(server.address().port));
parentPort.on("message", () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
`;

/** A rank whose process hangs. To requests with "x-answer: none" it never said a word, to "begun" one event. */
export async function startStuckRank(): Promise<StuckRank> {
  const worker = new Worker(program, { eval: true });
  const [port] = (await once(worker, "message")) as [number];
  const fillers: Socket[] = [];
  return {
    url: `http://127.0.0.1:${port}`,
    async stopAccepting() {
      worker.postMessage("block");
      // The queue of connections not accepted is short; once it is full, the next connection stays pending.
      await eventually("the queue is full", () => {
        const isFull = fillers.length > 4 && fillers[fillers.length - 3]!.connecting;
        if (!isFull) fillers.push(connect({ host: "127.0.0.1", port }).on("error", ignore));
        return isFull;
      });
    },
    async [Symbol.asyncDispose]() {
      for (const filler of fillers) filler.destroy();
      await worker.terminate();
    },
  };
}

/** The rank is killed with its connections open. */
function ignore(): void {}
