import type { LogLevel } from "../../telemetry/mod.ts";
import type { HealthReport } from "../ranks/health-report.ts";
import type { RankChange } from "../ranks/rank-change.ts";

/** From the first thread to another one, in order. */
export type MessageToThread =
  /** Take this in; what came before it is in the thread's {@linkcode ThreadSetting}. */
  | { readonly kind: "rank"; readonly change: RankChange }
  | { readonly kind: "snapshot"; readonly id: number }
  | { readonly kind: "exposition"; readonly id: number; readonly text: string }
  /** No new requests, running ones within the limit. */
  | { readonly kind: "drain" }
  /** End. */
  | { readonly kind: "close" };

/** From another thread to the first one. */
export type MessageFromThread =
  /** It takes connections. */
  | { readonly kind: "listening" }
  /** It was told to drain, and no request runs in it any more. */
  | { readonly kind: "drained" }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "report"; readonly report: HealthReport }
  | {
      readonly kind: "log";
      readonly level: LogLevel;
      readonly message: string;
      readonly facts: Readonly<Record<string, unknown>>;
    }
  /** A client asked this thread for the metrics of all. */
  | { readonly kind: "expose"; readonly id: number }
  | { readonly kind: "snapshot"; readonly id: number; readonly snapshot: unknown };
