import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";

/** `penstock plan`: what would run where. Takes the words that `penstock serve` takes. */
export const planCommand = buildCommand<Record<string, never>, string[], CliContext>({
  loader: async () => (await import("../run/plan.ts")).runPlan,
  parameters: {
    flags: {},
    positional: {
      kind: "array",
      parameter: { brief: "Files and keys", placeholder: "words", parse: String },
    },
  },
  docs: {
    brief: "Show what would run where: replicas, instances and ranks, and whether the model fits",
    customUsage: [
      "[--argv] [--all] [--gpu NAME] [@ FILE.toml ...] [--section.key VALUE ...]",
      "--json [@ FILE.toml ...] [--section.key VALUE ...]",
    ],
    fullDescription: [
      "Draws the Plan as a tree: replica, instance, rank, with nodes, GPUs and ports. {node:3} stands for the address",
      "of node 3, which is known only when the deployment starts. Neighbours that differ by names and nodes only share",
      "a line. Below it stands whether the model fits, where its config.json is on this machine. Starts nothing,",
      "writes nothing.",
      "Takes the words that penstock serve takes; penstock serve --help lists the keys. Its own flags, wherever",
      "they stand:",
      "",
      "  --argv      show the command line of every process",
      "  --all       show every process, also where neighbours are alike",
      "  --gpu NAME  GPU that the fit report reckons with, by default H100; penstock fit --help lists them",
      "  --json      print the Plan as JSON",
      "",
      "  penstock plan @ examples/disaggregated.toml",
      "  penstock plan @ examples/dp2.toml --parallel.dp 4 --argv",
    ].join("\n"),
  },
});
