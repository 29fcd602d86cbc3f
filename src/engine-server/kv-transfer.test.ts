import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

// Two real processes, started as a deployment starts them, and what a router says to them.
const root = join(import.meta.dirname, "../..");
const waitMsMax = 60_000;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

interface Rank {
  readonly child: ChildProcess;
  readonly url: string;
}

async function startRank(
  context: TestContext,
  role: string,
  words: readonly string[] = [],
): Promise<Rank> {
  const [port, sidePort] = [await freePort(), await freePort()];
  const flags = ["--port", port, "--kv-role", role, "--kv-side-channel-port", sidePort].map(String);
  const model = join(root, "models/penstock/reverse-moe");
  const penstock = join(root, "bin/penstock.js");
  const own = [penstock, "engine", model, "--threads", "1", "--served-model-name", "m"];
  const child = spawn(process.execPath, [...own, ...flags, ...words], { stdio: "ignore" });
  context.after(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  });
  const url = `http://127.0.0.1:${port}`;
  await until(async () => (await fetch(`${url}/health`)).status === 200);
  return { child, url };
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const endMs = Date.now() + waitMsMax;
  // A rank that does not listen yet counts as not there yet.
  while (!(await condition().catch(() => false))) {
    assert(Date.now() < endMs, "It does not happen");
    await delay(20);
  }
}

async function metricOf({ url }: Rank, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name}\\{.*\\} (.*)$`, "m").exec(text)?.[1]);
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly params: Record<string, unknown> | null;
  readonly cached: number | undefined;
}

interface Body {
  readonly choices?: readonly { readonly message: { readonly content: string } }[];
  readonly error?: { readonly message: string };
  readonly kv_transfer_params?: Record<string, unknown> | null;
  readonly usage?: { readonly prompt_tokens_details: { readonly cached_tokens: number } | null };
}

async function chat({ url }: Rank, word: string, wanted: object): Promise<Answer> {
  const messages = [{ role: "user", content: `Reverse: ${word}` }];
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "m", messages, temperature: 0, ...wanted }),
    signal: AbortSignal.timeout(waitMsMax),
  });
  const body = (await response.json()) as Body;
  return {
    status: response.status,
    text: body.choices?.[0]?.message.content ?? body.error?.message ?? "",
    params: body.kv_transfer_params ?? null,
    cached: body.usage?.prompt_tokens_details?.cached_tokens,
  };
}

/** What vLLM's proxies send to the prefill rank. */
const firstLeg = {
  max_tokens: 1,
  max_completion_tokens: 1,
  kv_transfer_params: {
    do_remote_decode: true,
    do_remote_prefill: false,
    remote_engine_id: null,
    remote_block_ids: null,
    remote_host: null,
    remote_port: null,
  },
};

async function assertFree(rank: Rank): Promise<void> {
  await until(async () => (await metricOf(rank, "vllm:kv_cache_usage_perc")) === 0);
  assert.equal(await metricOf(rank, "penstock_kv_leases"), 0);
}

test("A prefill and a decode process answer one request together, in vLLM's words", async (context) => {
  const [prefill, decode] = await Promise.all([
    startRank(context, "kv_producer"),
    startRank(context, "kv_consumer"),
  ]);
  const { params, text } = await chat(prefill, "turbine", firstLeg);
  assert.equal(text, "e");
  assert.deepEqual(Object.keys(params!).toSorted(), [
    "do_remote_decode",
    "do_remote_prefill",
    "remote_block_ids",
    "remote_blocks_expiry_time",
    "remote_engine_id",
    "remote_host",
    "remote_num_tokens",
    "remote_port",
    "remote_request_id",
    "tp_size",
    "transfer_mode",
  ]);
  const tokenCount = params!["remote_num_tokens"] as number;
  const [blockIds] = params!["remote_block_ids"] as [number[]];
  assert.equal(blockIds.length, Math.ceil(tokenCount / 16));
  const answer = await chat(decode, "turbine", { kv_transfer_params: params, n: 2 });
  assert.deepEqual(
    [answer.status, answer.text, answer.params, answer.cached],
    [200, "enibrut", null, tokenCount - 1],
  );
  await Promise.all([prefill, decode].map(assertFree));
  assert.equal(await metricOf(decode, "vllm:nixl_bytes_transferred_count"), 1);
  // The second time there is nothing at the prefill rank any more, and the prompt is known here.
  const again = await chat(decode, "turbine", { kv_transfer_params: params });
  assert.deepEqual([again.text, again.cached], ["enibrut", Math.floor((tokenCount - 1) / 16) * 16]);
});

test("A decode process refuses kv_transfer_params that cannot be, and lives on", async (context) => {
  const decode = await startRank(context, "kv_consumer");
  const good = {
    do_remote_prefill: true,
    remote_engine_id: "p",
    remote_request_id: "0".repeat(32),
    remote_host: "127.0.0.1",
    remote_port: 1,
    remote_block_ids: [[0, 1, 2]],
  };
  const wrong: [object, RegExp][] = [
    [{ ...good, remote_block_ids: null }, /needs remote_block_ids/],
    [{ ...good, remote_block_ids: [] }, /0 remote blocks/],
    [{ ...good, remote_block_ids: [[0]] }, /1 remote blocks, 35 tokens take 3/],
    [{ ...good, remote_num_tokens: 1_000 }, /remote tokens/],
    [{ ...good, remote_request_id: "../../x" }, /remote request id/],
    [{ ...good, remote_port: 0 }, /remote port/],
    [{ ...good, remote_host: "a b" }, /remote host/],
    [{ do_remote_decode: true }, /role "kv_consumer"/],
  ];
  for (const [params, reason] of wrong) {
    const answer = await chat(decode, "turbine", { kv_transfer_params: params });
    assert.equal(answer.status, 400);
    assert.match(answer.text, reason);
  }
  // Nobody listens there: the prompt is computed here.
  const alone = await chat(decode, "turbine", { kv_transfer_params: good });
  assert.equal(alone.text, "enibrut");
  await assertFree(decode);
});

test("Ranks that are killed hold nothing up: the lease ends, the prompt is computed", async (context) => {
  const [prefill, decode] = await Promise.all([
    startRank(context, "kv_producer", ["--kv-lease-duration", "2"]),
    startRank(context, "kv_consumer"),
  ]);
  const legs = await Promise.all(
    ["turbine", "penstock", "water"].map((word) => chat(prefill, word, firstLeg)),
  );
  const gone = once(decode.child, "exit");
  const lost = chat(decode, "turbine", { kv_transfer_params: legs[0]!.params }).catch(() => null);
  decode.child.kill("SIGKILL");
  await Promise.all([gone, lost]);
  await assertFree(prefill);
  const next = await startRank(context, "kv_consumer");
  const late = await chat(prefill, "penstock", firstLeg);
  const dead = once(prefill.child, "exit");
  prefill.child.kill("SIGKILL");
  await dead;
  const answer = await chat(next, "penstock", { kv_transfer_params: late.params });
  assert.equal(answer.text, "kcotsnep");
  assert.equal(await metricOf(next, "vllm:nixl_num_failed_transfers_total"), 1);
  await assertFree(next);
});
