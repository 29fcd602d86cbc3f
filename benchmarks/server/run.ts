/**
 * What a user feels of the server, measured on a real deployment: `npm run bench:server`.
 *
 * - start: from the command to the first token of the first answer (`--runs N` times, default 5)
 * - health: answer times of /health on the rank and through the router, idle and while long prompts are prefilled
 * - stop: from SIGINT until the last process is gone
 */
import { spawn } from "node:child_process";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { findServerPort } from "../../test/support/free-ports.ts";
import { penstockServe, startDeployment, type Deployment } from "../../test/support/deployment.ts";
import { percentile, printTable } from "../table.ts";

const model = "penstock/reverse-moe";
const probeCount = 200;
const probeGapMs = 10;
const longPromptCharacters = 4_000;

const { values } = parseArgs({ options: { runs: { type: "string", default: "5" } } });
await main(Number(values.runs));

async function main(runs: number): Promise<void> {
  const firstTokenMs: number[] = [];
  const stopMs: number[] = [];
  for (let run = 0; run < runs; run++) {
    const started = await measureStart();
    firstTokenMs.push(started.firstTokenMs);
    stopMs.push(started.stopMs);
  }
  const deployment = await startDeployment({ command: penstockServe });
  try {
    const [rankUrl = ""] = deployment.rankUrls;
    const idle = await probeHealth(rankUrl);
    const busy = await whilePrefilling(deployment, () => probeHealth(rankUrl));
    const routed = await whilePrefilling(deployment, () => probeHealth(deployment.url));
    printTable(
      ["what", "n", "p50 ms", "p99 ms", "max ms"],
      [
        row("command to first token", firstTokenMs),
        row("SIGINT to last process gone", stopMs),
        row("/health of the rank, idle", idle),
        row("/health of the rank, long prompts in prefill", busy),
        row("/health of the router, long prompts in prefill", routed),
      ],
    );
  } finally {
    await deployment.stop();
  }
}

function row(name: string, samples: readonly number[]): readonly string[] {
  const at = (share: number) => percentile(samples, share).toFixed(1);
  return [name, String(samples.length), at(0.5), at(0.99), at(1)];
}

async function measureStart(): Promise<{ firstTokenMs: number; stopMs: number }> {
  const port = await findServerPort(1);
  const startedMs = performance.now();
  const [program, ...rest] = penstockServe;
  const child = spawn(program, [...rest, "--server.port", String(port)], { stdio: "ignore" });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  try {
    const ended = exited.then(() => Promise.reject(new Error("serve ended before it answered")));
    await Promise.race([firstToken(`http://127.0.0.1:${port}`, startedMs + 60_000), ended]);
    const firstTokenMs = performance.now() - startedMs;
    const stopStartedMs = performance.now();
    ended.catch(() => undefined); // From here on it is wanted.
    child.kill("SIGINT");
    await exited;
    return { firstTokenMs, stopMs: performance.now() - stopStartedMs };
  } finally {
    child.kill("SIGKILL");
  }
}

/** Asks again and again, as an impatient client does, until the first content delta arrives. */
async function firstToken(url: string, deadlineMs: number): Promise<void> {
  while (performance.now() < deadlineMs) {
    const response = await ask(url, "Reverse: turbine").catch(() => undefined); // Nobody listens yet.
    if (response?.ok === true && response.body !== null) {
      for await (const chunk of response.body)
        if (Buffer.from(chunk).includes('"content":"e')) return;
    }
    await response?.body?.cancel().catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error("No token within a minute");
}

function ask(url: string, content: string, signal?: AbortSignal): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      model,
      messages: [{ role: "user", content }],
      temperature: 0,
      stream: true,
    }),
    signal: signal ?? AbortSignal.timeout(60_000),
  });
}

async function probeHealth(url: string): Promise<number[]> {
  const samples: number[] = [];
  for (let probe = 0; probe < probeCount; probe++) {
    const startedMs = performance.now();
    const response = await fetch(`${url}/health`);
    await response.arrayBuffer();
    samples.push(performance.now() - startedMs);
    await new Promise((resolve) => setTimeout(resolve, probeGapMs));
  }
  return samples;
}

/** Keeps four long prompts in prefill while `action` runs. */
async function whilePrefilling<Value>(
  deployment: Deployment,
  action: () => Promise<Value>,
): Promise<Value> {
  const stop = new AbortController();
  const load = Array.from({ length: 4 }, async (_, index) => {
    while (!stop.signal.aborted) {
      const content = `${index}`.repeat(longPromptCharacters);
      const response = await ask(deployment.url, content, stop.signal).catch(() => undefined); // Ended below.
      await response?.text().catch(() => undefined);
    }
  });
  try {
    return await action();
  } finally {
    stop.abort();
    await Promise.all(load);
  }
}
