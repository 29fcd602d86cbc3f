import { createHash } from "node:crypto";
import { Agent, request } from "node:http";

/** What became of requests. Wrong: an answer that is not the one to its request. */
export interface Tally {
  right: number;
  wrong: number;
  /** By status of the error. */
  readonly refused: Map<number, number>;
  /** The connection ended before a whole answer. */
  cut: number;
}

/** Keeps `clientCount` clients busy, each of a session of its own, until it is stopped. */
export function startLoad(port: number, clientCount: number) {
  const agent = new Agent({ keepAlive: true });
  const tally: Tally = { right: 0, wrong: 0, refused: new Map(), cut: 0 };
  const ranks = new Map<string, string>();
  const stop = new AbortController();
  let number = 0;
  const clients = Array.from({ length: clientCount }, async (_, client) => {
    const session = `session-${client}`;
    while (!stop.signal.aborted) {
      const body = JSON.stringify({
        prompt: `${session} ${number++} ${"x".repeat(number % 3_000)}`,
      });
      const answer = await ask({ agent, port, session, body });
      if (answer === undefined) tally.cut++;
      else if (answer.status !== 200) {
        tally.refused.set(answer.status, (tally.refused.get(answer.status) ?? 0) + 1);
      } else if (answer.body === digestOf(body)) {
        tally.right++;
        ranks.set(session, answer.rank);
      } else tally.wrong++;
      if (answer?.status !== 200) await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
  return {
    tally,
    /** By session, the rank that gave its last answer. */
    ranks,
    stop: async () => {
      stop.abort();
      await Promise.all(clients);
      agent.destroy();
    },
  };
}

interface Asked {
  readonly agent: Agent;
  readonly port: number;
  readonly session: string;
  readonly body: string;
}

interface Answered {
  readonly status: number;
  readonly body: string;
  readonly rank: string;
}

/** Undefined where the connection ended before the answer did. */
function ask({ agent, port, session, body }: Asked): Promise<Answered | undefined> {
  return new Promise((resolve) => {
    const asked = request({
      agent,
      host: "127.0.0.1",
      port,
      method: "POST",
      path: "/v1/completions",
      headers: { "x-session-id": session, "content-length": Buffer.byteLength(body) },
      signal: AbortSignal.timeout(30_000),
    });
    asked.on("error", () => resolve(undefined));
    asked.on("response", (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.on("error", () => resolve(undefined));
      response.on("end", () => {
        const rank = String(response.headers["x-penstock-rank"]);
        resolve({ status: response.statusCode!, body: text, rank });
      });
    });
    asked.end(body);
  });
}

function digestOf(body: string): string {
  const sha = createHash("sha256").update(body).digest("hex");
  return JSON.stringify({ n: Buffer.byteLength(body), sha });
}
