import { join } from "node:path";
import type { TestContext } from "node:test";
import { createLogger } from "../../telemetry/mod.ts";
import type { ServerLimits } from "../limits.ts";
import type { EngineServer, EngineServerOptions } from "../options.ts";
import { startEngineServer } from "../start-engine-server.ts";
import { FakeEngine, type FakeEngineOptions, saying } from "./fake-engine.ts";

export const tokenizerFixture = join(import.meta.dirname, "../../tokenize/fixtures/byte-level");

export const engineOptions = {
  modelDirectory: tokenizerFixture,
  dtype: "auto",
  maxNumSeqs: 8,
  maxNumBatchedTokens: 512,
  queueDepthMax: 100,
  blockSize: 16,
  seed: 0,
} as const;

/** Options for a server on a free port whose engine says "ok", with what a test wants different. */
export function serverOptions(wanted: Partial<EngineServerOptions> = {}): EngineServerOptions {
  return {
    host: "127.0.0.1",
    port: 0,
    servedModelNames: ["test/model", "alias"],
    modelSource: "/models/test",
    engine: engineOptions,
    rank: 3,
    logger: createLogger({ name: "rank-3", format: "json", write: () => {} }),
    startEngine: () => Promise.resolve(new FakeEngine({ script: saying("ok") })),
    ...wanted,
  };
}

export interface TestServer {
  readonly server: EngineServer;
  readonly engine: FakeEngine;
  readonly logLines: string[];
  readonly post: (path: string, body: unknown, init?: RequestInit) => Promise<Response>;
}

/** A server on a free port over an engine that follows a script; it ends with the test. */
export async function startTestServer(
  context: TestContext,
  engine: FakeEngineOptions | FakeEngine,
  limits: Partial<ServerLimits> = {},
): Promise<TestServer> {
  const fake = engine instanceof FakeEngine ? engine : new FakeEngine(engine);
  const logLines: string[] = [];
  const write = (line: string) => void logLines.push(line);
  const server = await startEngineServer(
    serverOptions({
      logger: createLogger({ name: "rank-3", format: "json", write }),
      limits: { drainTimeoutMs: 0, ...limits },
      startEngine: () => Promise.resolve(fake),
    }),
  );
  context.after(() => server.close());
  const post = (path: string, body: unknown, init: RequestInit = {}): Promise<Response> =>
    fetch(server.url + path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: typeof body === "string" ? body : JSON.stringify(body),
      ...init,
    });
  return { server, engine: fake, logLines, post };
}

/** The JSON values of a response's events; the last one must be `[DONE]`. */
export async function eventsOf(response: Response): Promise<Record<string, unknown>[]> {
  const events = (await response.text()).split("\n\n").filter((event) => event !== "");
  const payloads = events.map((event) => event.replace(/^data: /, ""));
  if (payloads.at(-1) !== "[DONE]") throw new Error(`no [DONE] at the end: ${payloads.at(-1)}`);
  return payloads.slice(0, -1).map((payload) => JSON.parse(payload) as Record<string, unknown>);
}
