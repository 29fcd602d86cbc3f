/**
 * fake-vllm.ts serve MODEL --port PORT …: stands in for `vllm serve` where there is no GPU, and behaves to whoever
 * starts it as vLLM does: it prints load lines of vLLM's form, computes in a child process, keeps a file in /dev/shm open,
 * listens only after a while, answers /health, /v1/models and chat completions, reads nothing from standard input
 * and ends at SIGTERM. With FAKE_VLLM=dies it ends while it loads, with FAKE_VLLM=hangs it never listens.
 */
import { spawn } from "node:child_process";
import { openSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";

const [command, model, ...flags] = process.argv.slice(2);
const valueOf = (flag: string): string | undefined => flags[flags.indexOf(flag) + 1];
const how = process.env["FAKE_VLLM"];
const sharedMemory = `/dev/shm/psm_${process.env["PENSTOCK_TEST_ID"] ?? "fake"}_${process.pid}`;
if (command !== "serve") throw new Error(`Expected "serve", found "${command}"`);

openSync(sharedMemory, "w");
const stubborn = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000);';
const engineCore = spawn(process.execPath, ["-e", stubborn], { stdio: "inherit" });
process.on("SIGTERM", () => end(0));
await load();
createServer((request, response) => void answer(request, response)).listen(
  Number(valueOf("--port")),
  valueOf("--host"),
);

async function load(): Promise<void> {
  say(`[model.py:561] Resolved architecture: Qwen3ForCausalLM`);
  for (const done of [0, 1, 2]) {
    const share = `${String(done * 50).padStart(3)}% Completed | ${done}/2`;
    process.stderr.write(`\rLoading safetensors checkpoint shards: ${share} [00:0${done}<00:01]`);
    await sleep(100);
    if (how === "dies" && done === 1) {
      process.stderr.write(
        "\ntorch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB\n",
      );
      end(1);
    }
  }
  process.stderr.write("\n");
  if (how === "hangs") await new Promise(() => {});
  say("[api_server.py:1912] Starting vLLM API server");
}

function say(text: string): void {
  process.stdout.write(`(APIServer pid=${process.pid}) INFO 11-20 13:42:11 ${text}\n`);
}

function end(exitCode: number): never {
  engineCore.kill("SIGKILL");
  rmSync(sharedMemory, { force: true });
  process.exit(exitCode);
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const name = valueOf("--served-model-name") ?? model;
  response.setHeader("content-type", "application/json");
  if (request.url === "/v1/models")
    response.end(JSON.stringify({ object: "list", data: [{ id: name, object: "model" }] }));
  else if (request.url === "/v1/chat/completions") {
    const { messages } = (await json(request)) as { messages: { content: string }[] };
    const word = messages.at(-1)!.content.replace("Reverse: ", "");
    const content = word.split("").toReversed().join("");
    const message = { role: "assistant", content };
    const choices = [{ index: 0, message, finish_reason: "stop" }];
    response.end(JSON.stringify({ id: "1", object: "chat.completion", model: name, choices }));
  } else response.end("{}");
}
