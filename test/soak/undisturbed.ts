import { spawn } from "node:child_process";
import { ask, model, type AskOptions } from "../support/ask.ts";
import { repositoryRoot } from "../support/deployment.ts";
import { eventually } from "../support/eventually.ts";
import { findServerPort } from "../support/free-ports.ts";
import { penstock } from "../support/slurm-lab/served-job.ts";
import type { Doubt } from "./tally.ts";

const askersMax = 32;

/**
 * Parts wrong answers from the model's own mistakes: an engine that nothing disturbs answers the same questions, and
 * as an answer depends on nothing but its question, what it says too is the model's doing.
 */
export async function findWrong(
  doubts: readonly Doubt<AskOptions>[],
): Promise<readonly Doubt<AskOptions>[]> {
  if (doubts.length === 0) return [];
  const port = await findServerPort(1);
  const url = `http://127.0.0.1:${port}`;
  const [program, bin] = penstock;
  const flags = ["--host", "127.0.0.1", "--port", String(port), "--served-model-name", model];
  const engine = spawn(program, [bin, "engine", `models/${model}`, ...flags], {
    cwd: repositoryRoot,
    stdio: ["ignore", "ignore", "inherit"],
  });
  try {
    await eventually("the engine", async () => (await fetch(`${url}/health`)).ok, 60_000);
    return await judge(doubts, url);
  } finally {
    engine.kill("SIGTERM");
  }
}

async function judge(
  doubts: readonly Doubt<AskOptions>[],
  url: string,
): Promise<readonly Doubt<AskOptions>[]> {
  const wrong: Doubt<AskOptions>[] = [];
  const rest = doubts.values();
  const judgeNext = async (): Promise<void> => {
    // Every asker takes the next one of the same rest.
    for (const doubt of rest)
      if ((await ask({ ...doubt.question, url })).text !== doubt.text) wrong.push(doubt);
  };
  await Promise.all(Array.from({ length: askersMax }, judgeNext));
  return wrong;
}
