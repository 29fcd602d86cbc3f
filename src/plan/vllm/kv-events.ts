import type { VllmFlags } from "./flag-words.ts";

/** KV events of one command; rank r publishes on port + r and answers replays on replayPort + r. */
export interface KvEventsOptions {
  readonly port: number;
  /** Null: nobody can ask again for what was missed. */
  readonly replayPort?: number | null;
  readonly topic?: string | null;
  readonly bufferSteps?: number | null;
}

/** Binds at all addresses: with "*" in the endpoint vLLM listens, otherwise it would connect. */
export function kvEventsFlags(
  events: KvEventsOptions | null | undefined,
  rankOffset: number,
): VllmFlags {
  if (events === null || events === undefined) return {};
  const { port, replayPort, topic, bufferSteps } = events;
  const hasReplay = replayPort !== null && replayPort !== undefined;
  return {
    "--kv-events-config": {
      enable_kv_cache_events: true,
      publisher: "zmq",
      endpoint: `tcp://*:${port + rankOffset}`,
      ...(hasReplay ? { replay_endpoint: `tcp://*:${replayPort + rankOffset}` } : {}),
      ...(topic ? { topic } : {}),
      ...(bufferSteps ? { buffer_steps: bufferSteps } : {}),
    },
  };
}
