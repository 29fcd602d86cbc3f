import { buildCommand } from "@stricli/core";
import type { PolicyName } from "../../router/mod.ts";
import type { CliContext } from "../context.ts";
import { parsePort, parseServerUrl } from "./parsers.ts";

/** Flags of `penstock router`, called what `vllm-router` calls them. */
export interface RouterFlags {
  readonly host: string;
  readonly port: number;
  readonly policy: PolicyName;
  readonly workerUrls?: readonly string[];
  readonly vllmPdDisaggregation: boolean;
  readonly prefill?: readonly string[];
  readonly decode?: readonly string[];
  readonly apiKeyFile?: string;
  readonly sslCertfile?: string;
  readonly sslKeyfile?: string;
  readonly logLevel: "debug" | "info" | "warning" | "error";
}

/** `penstock router`: one endpoint before several ranks. */
export const routerCommand = buildCommand<RouterFlags, [], CliContext>({
  loader: async () => (await import("../run/router.ts")).runRouter,
  parameters: {
    flags: {
      host: { kind: "parsed", parse: String, brief: "Address to listen on", default: "127.0.0.1" },
      port: { kind: "parsed", parse: parsePort, brief: "TCP port", default: "8000" },
      policy: {
        kind: "enum",
        values: ["consistent_hash", "round_robin", "power_of_two", "sticky_least_loaded"],
        brief: "How a rank is chosen",
        default: "consistent_hash",
      },
      workerUrls: {
        kind: "parsed",
        parse: parseServerUrl,
        variadic: true,
        optional: true,
        brief: "URL of a rank, once for each",
      },
      vllmPdDisaggregation: {
        kind: "boolean",
        withNegated: false,
        default: false,
        brief: "Let some ranks compute prompts and others answers",
      },
      prefill: {
        kind: "parsed",
        parse: parseServerUrl,
        variadic: true,
        optional: true,
        brief: "URL of a rank that computes prompts, once for each",
      },
      decode: {
        kind: "parsed",
        parse: parseServerUrl,
        variadic: true,
        optional: true,
        brief: "URL of a rank that computes answers, once for each",
      },
      apiKeyFile: {
        kind: "parsed",
        parse: String,
        optional: true,
        brief: "File of the API keys that clients must show, one a line",
      },
      sslCertfile: {
        kind: "parsed",
        parse: String,
        optional: true,
        brief: "PEM file of the certificate for TLS, then of those between it and a trusted one",
      },
      sslKeyfile: {
        kind: "parsed",
        parse: String,
        optional: true,
        brief: "PEM file of its private key, where that is not in the same file",
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
    brief: "Run the router before ranks that run already",
    fullDescription: [
      "Runs the router before ranks that run already. penstock serve starts it by itself.",
      "",
      "  penstock router --port 8000 --worker-urls http://127.0.0.1:8100 --worker-urls http://127.0.0.1:8101",
      "  penstock router --vllm-pd-disaggregation --prefill http://10.0.0.1:8100 --decode http://10.0.0.2:8100",
      "",
      "Without --api-key-file the environment may hold one key, in PENSTOCK_API_KEY; with neither, everybody who",
      "reaches the port may use it.",
    ].join("\n"),
  },
});
