/** Ranks that are killed while prompts are handed over between them: no request is lost, and no answer is wrong. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import OpenAI from "openai";
import { repositoryRoot } from "../support/deployment.ts";
import { eventually } from "../support/eventually.ts";
import { findServerPort } from "../support/free-ports.ts";
import { heldOutWords } from "../support/held-out-words.ts";
import { readMetric } from "../support/metrics.ts";

const model = join(repositoryRoot, "models", "penstock", "reverse-dense");
const words = heldOutWords();
const sessionCount = 6;
/** Blocks that a killed decode rank did not fetch are held for 30 s. */
const leaseMsMax = 60_000;

/** Processes of Penstock, started by themselves as a user may do it. */
class Processes implements AsyncDisposable {
  readonly #children = new Set<ChildProcess>();

  start(argv: readonly string[]): ChildProcess {
    const bin = join(repositoryRoot, "bin", "penstock.js");
    const child = spawn(process.execPath, [bin, ...argv], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    this.#children.add(child);
    return child;
  }

  async kill(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#children].map((child) => this.kill(child)));
  }
}

/** One turn of a session, answered whole. */
async function ask(client: OpenAI, session: string, word: string): Promise<void> {
  const messages = [{ role: "user" as const, content: `Reverse: ${word}` }];
  const answer = await client.chat.completions.create(
    { model: "m", messages, temperature: 0, max_tokens: 32 },
    { headers: { "X-Session-ID": session } },
  );
  assert.equal(answer.choices[0]?.message.content, word.split("").toReversed().join(""));
}

/** How many ranks the router believes in. */
async function livingRanks(url: string): Promise<number> {
  return await readMetric(url, "penstock_router_rank_up");
}

test("prefill and decode ranks that are killed cost no request and no right answer", async () => {
  const port = await findServerPort(8);
  const url = `http://127.0.0.1:${port}`;
  await using processes = new Processes();
  /** Ranks 0 and 1 are prefill, 2 and 3 decode. */
  const startRank = (rank: number) => {
    const role = ["--kv-role", rank < 2 ? "kv_producer" : "kv_consumer"];
    const sideChannel = ["--kv-side-channel-port", String(port + 104 + rank)];
    const listen = ["--port", String(port + 100 + rank), ...sideChannel];
    const shape = ["--served-model-name", "m", "--cores", "1", "--log-level", "error"];
    return processes.start(["engine", model, ...listen, ...role, ...shape]);
  };
  const ranks = [0, 1, 2, 3].map(startRank);
  const [p0, p1, d0, d1] = ranks.map((_, rank) => `http://127.0.0.1:${port + 100 + rank}`);
  const listen = ["--port", String(port), "--log-level", "error", "--vllm-pd-disaggregation"];
  const urls = ["--prefill", p0!, "--prefill", p1!, "--decode", d0!, "--decode", d1!];
  processes.start(["router", ...listen, ...urls]);
  const allUp = async () => ((await livingRanks(url)) === 4 ? true : undefined);
  await eventually("all ranks to be up", allUp);

  const client = new OpenAI({
    baseURL: `${url}/v1`,
    apiKey: "none",
    maxRetries: 0,
    timeout: 60_000,
  });
  const over = new AbortController();
  let answeredCount = 0;
  const converse = async (session: number) => {
    for (let turn = session; !over.signal.aborted; turn += sessionCount) {
      await ask(client, `session-${session}`, words[turn % words.length]!);
      answeredCount++;
    }
  };
  /** Each goes while requests are under way, and the next one only once there are four again. */
  const killEach = async (victims: readonly number[]) => {
    for (const rank of victims) {
      const before = answeredCount;
      await processes.kill(ranks[rank]!);
      await eventually(
        "its loss to be seen",
        async () => (await livingRanks(url)) === 3 || undefined,
      );
      await eventually("more answers", () => answeredCount > before + sessionCount || undefined);
      ranks[rank] = startRank(rank);
      await eventually("all ranks to be up again", allUp);
    }
  };
  const kills = killEach([0, 2, 3, 1, 2]).finally(() => over.abort());
  const sessions = Array.from({ length: sessionCount }, (_, session) => converse(session));
  await Promise.all([kills, ...sessions]);
  assert.equal(await readMetric(url, "penstock_router_requests_in_flight"), 0);
  assert.equal(await readMetric(url, "penstock_router_broken_responses_total"), 0);
  assert.ok((await readMetric(url, "penstock_router_handoffs_total")) >= answeredCount);
  for (const rank of [p0!, p1!, d0!, d1!]) {
    const isFree = async () => (await readMetric(rank, "penstock_kv_leases")) === 0;
    await eventually(`${rank} to hold no lease`, isFree, leaseMsMax);
  }
});
