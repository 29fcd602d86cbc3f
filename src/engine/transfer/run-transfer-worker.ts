import { receiveMessageOnPort, type MessagePort } from "node:worker_threads";
import { Leases } from "./leases.ts";
import type { MessageFromTransfer, MessageToTransfer, TransferWorkerData } from "./messages.ts";
import { Puller } from "./puller.ts";
import { SideChannel } from "./side-channel.ts";

/**
 * The life of the thread that carries blocks: it serves leases and pulls blocks until it is told to close, while the
 * engine's thread computes.
 *
 * @param onReady Called with the port of the side channel; 0 for a consumer, which has none.
 * @throws PenstockError PORT_IN_USE, SERVER_CANNOT_LISTEN
 */
export async function runTransferWorker(
  { options, memory, port }: TransferWorkerData,
  onReady: (port: number) => void,
): Promise<void> {
  const send = (message: MessageFromTransfer): void => port.postMessage(message);
  let channel: SideChannel | null = null;
  const leases = new Leases({
    durationMs: options.leaseDurationMs,
    onEnd: (requestId, end) => {
      const sentBytesTotal = channel?.sentBytesTotal ?? 0;
      send({ kind: "lease-ended", requestId, end, sentBytesTotal });
    },
  });
  const puller = new Puller({ memory, idleMsMax: options.pullIdleMsMax, send });
  const { promise: closing, resolve: close } = Promise.withResolvers<void>();
  const hear = (message: MessageToTransfer): void => {
    if (message.kind === "lease") leases.grant(message.lease);
    if (message.kind === "pull") puller.pull(message.pullId, message.job);
    if (message.kind === "cancel-pull") puller.cancel(message.pullId);
    if (message.kind === "release") puller.release(message.source);
    if (message.kind === "close") close();
  };
  if (options.kvRole !== "kv_consumer")
    channel = await SideChannel.listen({
      host: options.sideChannelHost,
      port: options.sideChannelPort,
      memory,
      leases,
      hearGrants: () => drain(port, hear),
    });
  port.on("message", hear);
  onReady(channel?.port ?? 0);
  await closing;
  puller.close();
  await channel?.close();
  leases.close();
  port.close();
}

/** Hears what has come without a turn of the event loop. */
function drain(port: MessagePort, hear: (message: MessageToTransfer) => void): void {
  for (;;) {
    const received: { message: MessageToTransfer } | undefined = receiveMessageOnPort(port);
    if (received === undefined) return;
    hear(received.message);
  }
}
