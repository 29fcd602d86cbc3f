import { setImmediate as turnOfEventLoop } from "node:timers/promises";
import type { MessagePort } from "node:worker_threads";
import type { EngineOutput } from "../types.ts";
import type { EngineCore } from "./engine-core.ts";
import type { MessageFromTransfer } from "../transfer/mod.ts";
import { Inbox } from "./inbox.ts";
import type { MessageFromCore, MessageToCore } from "./messages.ts";

type Message = MessageToCore | MessageFromTransfer;

/**
 * Steps until a "close" comes: take messages, compute, send what the step brought in one message. Messages are
 * taken before every step, so an abort is done within one step.
 *
 * @param transferPort Where the thread that carries blocks is heard.
 */
export async function runCoreLoop(
  core: EngineCore,
  port: MessagePort,
  transferPort?: MessagePort,
): Promise<void> {
  const inbox = new Inbox<Message>(port, ...(transferPort === undefined ? [] : [transferPort]));
  for (;;) {
    if (core.isBlocked) await inbox.arrival();
    const { outputs, isClosing } = takeMessages(core, inbox.drain());
    if (!isClosing) outputs.push(...core.step());
    port.postMessage({ kind: "step", outputs, stats: core.stats() } satisfies MessageFromCore);
    if (isClosing) return;
    await turnOfEventLoop(); // Here the failure of a compute thread is heard.
  }
}

function takeMessages(
  core: EngineCore,
  messages: readonly Message[],
): { readonly outputs: EngineOutput[]; readonly isClosing: boolean } {
  const outputs: EngineOutput[] = [];
  for (const message of messages) {
    if (message.kind === "close")
      return { outputs: [...outputs, ...core.abortAll()], isClosing: true };
    const output = take(core, message);
    if (output !== null) outputs.push(output);
  }
  return { outputs, isClosing: false };
}

function take(core: EngineCore, message: Exclude<Message, { kind: "close" }>): EngineOutput | null {
  switch (message.kind) {
    case "submit":
      core.add(message.request);
      return null;
    case "abort":
      return core.abort(message.requestId); // null: it ended while the abort was on its way.
    case "release-source":
      core.releaseSource(message.source);
      return null;
    case "ping":
      return null;
    default:
      return core.hear(message);
  }
}
