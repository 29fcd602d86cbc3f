import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";

/** `penstock config`: what the configuration resolves to. Takes the words that `penstock serve` takes. */
export const configCommand = buildCommand<Record<string, never>, string[], CliContext>({
  loader: async () => (await import("../run/config.ts")).runConfig,
  parameters: {
    flags: {},
    positional: {
      kind: "array",
      parameter: { brief: "Files and keys", placeholder: "words", parse: String },
    },
  },
  docs: {
    brief: "Show every key of a configuration with its value, and where that comes from",
    customUsage: ["[--json] [@ FILE.toml ...] [--section.key VALUE ...]", "--schema"],
    fullDescription: [
      "Prints what files and flags resolve to, as TOML that loads to the same configuration. A comment behind each",
      "key says where its value comes from: file, line and column, the flag, the rule that set it, or default.",
      "Takes the words that penstock serve takes; penstock serve --help lists the keys. Its own flags, wherever",
      "they stand:",
      "",
      "  --json    print {config, origins} instead, the origins by the keys' paths",
      "  --schema  print the JSON Schema of configuration files, for editors",
      "",
      "  penstock config @ examples/dp2.toml --server.port 9000",
      "  penstock config --schema > config.schema.json",
    ].join("\n"),
  },
});
