import { buildCommand, type Command } from "@stricli/core";
import type { CliContext } from "../context.ts";

const examples = [
  "  penstock serve",
  "  penstock serve --server.port 18000 --parallel.dp 2",
  "  penstock serve @ base.toml @ overlay.toml --model.name ~/models/Qwen3-0.6B --model.max_model_len 2048",
  "  penstock serve --dry-run",
  "  penstock serve @ cluster.toml --cancel-on-exit",
].join("\n");

/** `penstock serve`; the text about the keys is given because it costs time to make. */
export function makeServeCommand(keys: string): Command<CliContext> {
  return buildCommand<Record<string, never>, string[], CliContext>({
    loader: async () => (await import("../run/serve.ts")).runServe,
    parameters: {
      flags: {},
      positional: {
        kind: "array",
        parameter: { brief: "Files and keys", placeholder: "words", parse: String },
      },
    },
    docs: {
      brief: "Serve a model: start engines and router, and stop them with Ctrl-C",
      customUsage: ["[@ FILE.toml ...] [--section.key VALUE ...] [--cancel-on-exit]"],
      fullDescription: [
        "Starts what the configuration names and stops it with Ctrl-C. Files are merged from left to right,",
        "flags come last. Every key of a file is a flag, in snake_case or kebab-case; --no-KEY switches off.",
        "Under Slurm it submits a job and follows it; Ctrl-C leaves the job running unless --cancel-on-exit is given.",
        "",
        examples,
        "",
        keys,
      ].join("\n"),
    },
  });
}
