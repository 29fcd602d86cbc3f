import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { parseCount, parsePort, parsePositive, parseSeconds } from "./parsers.ts";

/** Flags of `penstock engine`; those that vLLM has are called what vLLM calls them. */
export interface EngineFlags {
  readonly host: string;
  readonly port: number;
  readonly dataParallelRank: number;
  readonly servedModelName?: readonly string[];
  readonly dtype: "auto" | "float32" | "bfloat16";
  readonly maxModelLen?: number;
  readonly maxNumSeqs: number;
  readonly maxNumBatchedTokens: number;
  readonly blockSize: number;
  readonly kvCacheMemoryBytes?: number;
  readonly seed: number;
  readonly threads?: number;
  readonly cores?: number;
  readonly machineRanks: number;
  readonly enablePrefixCaching: boolean;
  readonly kvRole?: "kv_producer" | "kv_consumer" | "kv_both";
  readonly kvSideChannelHost: string;
  readonly kvSideChannelPort: number;
  readonly kvLeaseDuration: number;
  readonly kvLoadFailurePolicy: "recompute" | "fail";
  readonly logLevel: "debug" | "info" | "warning" | "error";
}

const count = { kind: "parsed", parse: parseCount } as const;

/** `penstock engine`: one rank of the embedded engine behind its HTTP server. */
export const engineCommand = buildCommand<EngineFlags, [string], CliContext>({
  loader: async () => (await import("../run/engine.ts")).runEngine,
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [{ brief: "Hugging Face model directory", placeholder: "model", parse: String }],
    },
    flags: {
      host: { kind: "parsed", parse: String, brief: "Address to listen on", default: "127.0.0.1" },
      port: { kind: "parsed", parse: parsePort, brief: "TCP port", default: "8000" },
      dataParallelRank: { ...count, brief: "Number of this rank", default: "0" },
      servedModelName: {
        kind: "parsed",
        parse: String,
        variadic: true,
        optional: true,
        brief: "Name that clients use, once for each; by default the directory",
      },
      dtype: {
        kind: "enum",
        values: ["auto", "float32", "bfloat16"],
        brief: "How weights are kept",
        default: "auto",
      },
      maxModelLen: { ...count, optional: true, brief: "Longest sequence in tokens" },
      maxNumSeqs: { ...count, brief: "Requests computed in one step", default: "64" },
      maxNumBatchedTokens: { ...count, brief: "Tokens computed in one step", default: "128" },
      blockSize: { ...count, brief: "Tokens per block of the KV cache", default: "16" },
      kvCacheMemoryBytes: { ...count, optional: true, brief: "Bytes of the KV cache" },
      seed: { ...count, brief: "Seeds requests that bring no seed", default: "0" },
      threads: {
        ...count,
        optional: true,
        brief: "Compute threads; by default one a core, fewer for a small model",
      },
      cores: {
        ...count,
        optional: true,
        brief: "Cores that this rank may use; by default its share of the machine's",
      },
      machineRanks: {
        kind: "parsed",
        parse: parsePositive,
        brief: "Ranks of this machine, which share its cores evenly",
        default: "1",
      },
      enablePrefixCaching: {
        kind: "boolean",
        brief: "Share the KV cache of known beginnings between requests",
        default: true,
      },
      kvRole: {
        kind: "enum",
        values: ["kv_producer", "kv_consumer", "kv_both"],
        optional: true,
        brief: "Part in the hand-over of KV blocks; none without it",
      },
      kvSideChannelHost: {
        kind: "parsed",
        parse: String,
        brief: "Address where other engines fetch KV blocks",
        default: "127.0.0.1",
      },
      kvSideChannelPort: { kind: "parsed", parse: parsePort, brief: "Its port", default: "5600" },
      kvLeaseDuration: {
        kind: "parsed",
        parse: parseSeconds,
        brief: "Seconds for which KV blocks are held for another engine",
        default: "30",
      },
      kvLoadFailurePolicy: {
        kind: "enum",
        values: ["recompute", "fail"],
        brief: "What becomes of a request whose KV blocks do not come",
        default: "recompute",
      },
      logLevel: {
        kind: "enum",
        values: ["debug", "info", "warning", "error"],
        brief: "Lowest level of log lines",
        default: "info",
      },
    },
  },
  docs: {
    brief: "Run one rank of the embedded engine",
    fullDescription: [
      "Runs one rank of the embedded engine. penstock serve starts it; by hand it is of use to try a model alone.",
      "",
      "  penstock engine models/penstock/reverse-moe --port 8100 --served-model-name penstock/reverse-moe",
    ].join("\n"),
  },
});
