import type { Engine, EngineOptions } from "../engine/mod.ts";
import type { Logger } from "../telemetry/mod.ts";
import type { ServerLimits } from "./limits.ts";

export interface EngineServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Names that requests may use; the first one stands in responses. */
  readonly servedModelNames: readonly [string, ...string[]];
  /** Directory or hub id as the user named it: `root` in `GET /v1/models`. */
  readonly modelSource: string;
  /** Its modelDirectory holds the tokenizer, too. */
  readonly engine: EngineOptions;
  /** Number of this server among those of the deployment: the label `engine` of its metrics. */
  readonly rank: number;
  readonly logger: Logger;
  readonly limits?: Partial<ServerLimits>;
  /** Ends a start that is still loading: it then throws SERVER_STOPPED. */
  readonly signal?: AbortSignal;
  /** Tests bring an engine of their own. */
  readonly startEngine?: (options: EngineOptions) => Promise<Engine>;
}

export interface EngineServer {
  /** `http://127.0.0.1:8100`, without a path. */
  readonly url: string;
  /** Resolves with the cause when the engine dies by itself; the server then answers 500 until it is closed. */
  readonly died: Promise<Error>;
  /** Takes no more requests, lets running ones end within the drain limit, aborts the rest, ends the engine. */
  close(): Promise<void>;
}
