import { join } from "node:path";
import { createLogger } from "../../telemetry/mod.ts";
import { startEngineServer } from "../mod.ts";
import type { EngineServer, EngineServerOptions } from "../options.ts";

/** The bundled model that says words backwards. */
export const modelName = "penstock/reverse-moe";
const modelDirectory = join(import.meta.dirname, "../../../models", modelName);

export interface ModelServer {
  readonly server: EngineServer;
  readonly post: (
    path: string,
    body: unknown,
    headers?: Record<string, string>,
  ) => Promise<Response>;
  /** Posts and wants 200 with this answer. */
  readonly ask: <Answer>(path: string, body: unknown) => Promise<Answer>;
}

/** A server whose engine, threads and model are the real ones. */
export async function startModelServer(
  wanted: Partial<EngineServerOptions> = {},
): Promise<ModelServer> {
  const server = await startEngineServer({
    host: "127.0.0.1",
    port: 0,
    servedModelNames: [modelName],
    modelSource: modelName,
    engine: {
      modelDirectory,
      dtype: "auto",
      maxModelLen: 512,
      maxNumSeqs: 8,
      maxNumBatchedTokens: 256,
      queueDepthMax: 64,
      blockSize: 16,
      threadCount: 1,
      seed: 0,
    },
    rank: 0,
    logger: createLogger({ name: "rank-0", format: "json", level: "error" }),
    ...wanted,
  });
  const post: ModelServer["post"] = (path, body, headers = {}) =>
    fetch(server.url + path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  const ask = async <Answer>(path: string, body: unknown): Promise<Answer> => {
    const response = await post(path, body);
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${path} answered ${response.status}: ${text}`);
    return JSON.parse(text) as Answer;
  };
  return { server, post, ask };
}

/** What a conversation that asks for the word backwards is rendered to. */
export function promptOf(word: string): string {
  return `<|im_start|>user\nReverse: ${word}<|im_end|>\n<|im_start|>assistant\n`;
}
