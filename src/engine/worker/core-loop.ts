import { setImmediate as turnOfEventLoop } from "node:timers/promises";
import type { MessagePort } from "node:worker_threads";
import type { EngineOutput } from "../types.ts";
import type { EngineCore } from "./engine-core.ts";
import { Inbox } from "./inbox.ts";
import type { MessageFromCore, MessageToCore } from "./messages.ts";

/**
 * Steps until a "close" comes: take messages, compute, send what the step brought in one message. Messages are
 * taken before every step, so an abort is done within one step.
 */
export async function runCoreLoop(core: EngineCore, port: MessagePort): Promise<void> {
  const inbox = new Inbox<MessageToCore>(port);
  for (;;) {
    if (core.isIdle) await inbox.arrival();
    const { outputs, isClosing } = takeMessages(core, inbox.drain());
    if (!isClosing) outputs.push(...core.step());
    port.postMessage({ kind: "step", outputs, stats: core.stats() } satisfies MessageFromCore);
    if (isClosing) return;
    await turnOfEventLoop(); // Here the failure of a compute thread is heard.
  }
}

function takeMessages(
  core: EngineCore,
  messages: readonly MessageToCore[],
): { readonly outputs: EngineOutput[]; readonly isClosing: boolean } {
  const outputs: EngineOutput[] = [];
  for (const message of messages) {
    if (message.kind === "close")
      return { outputs: [...outputs, ...core.abortAll()], isClosing: true };
    if (message.kind === "submit") {
      core.add(message.request);
    } else {
      const output = core.abort(message.requestId);
      if (output !== null) outputs.push(output); // null: it ended while the abort was on its way.
    }
  }
  return { outputs, isClosing: false };
}
