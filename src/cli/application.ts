import {
  type Application,
  ArgumentParseError,
  buildApplication,
  buildRouteMap,
  text_en,
} from "@stricli/core";
import { readFile } from "node:fs/promises";
import { PenstockError } from "../errors/mod.ts";
import { configCommand } from "./commands/config.ts";
import { engineCommand } from "./commands/engine.ts";
import { fitCommand } from "./commands/fit.ts";
import { logsCommand } from "./commands/logs.ts";
import { nodeCommand } from "./commands/node.ts";
import { planCommand } from "./commands/plan.ts";
import { ranksRoutes } from "./commands/ranks.ts";
import { restartCommand } from "./commands/restart.ts";
import { routerCommand } from "./commands/router.ts";
import { makeServeCommand } from "./commands/serve.ts";
import { statusCommand } from "./commands/status.ts";
import { stopCommand } from "./commands/stop.ts";
import type { CliContext } from "./context.ts";
import { exitCodeOf, formatError } from "./screen/format-error.ts";

/** All commands. Each loads its own code when it is run, so that help and mistakes answer at once. */
export async function makeApplication(argv: readonly string[]): Promise<Application<CliContext>> {
  const isServeHelp = argv[0] === "serve" && (argv.includes("--help") || argv.includes("-h"));
  const keys = isServeHelp ? (await import("./screen/format-keys.ts")).formatKeys() : "";
  const root = buildRouteMap({
    routes: {
      serve: makeServeCommand(keys),
      plan: planCommand,
      config: configCommand,
      status: statusCommand,
      logs: logsCommand,
      stop: stopCommand,
      restart: restartCommand,
      ranks: ranksRoutes,
      engine: engineCommand,
      router: routerCommand,
      node: nodeCommand,
      fit: fitCommand,
    },
    docs: {
      brief: "One config puts LLM inference on the machines it names",
      fullDescription: [
        "One config puts LLM inference on the machines it names.",
        "",
        "  penstock serve                                      serve the bundled model on port 8000",
        "  penstock plan @ examples/dp2.toml                   show what a file would start, and where",
        "  penstock config @ examples/dp2.toml                 show what every key is, and who says so",
        "  penstock status                                     show what runs",
        "  penstock serve --help                               every key of the configuration",
      ].join("\n"),
    },
  });
  return buildApplication(root, {
    name: "penstock",
    versionInfo: { getCurrentVersion: readVersion },
    scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
    localization: {
      text: {
        ...text_en,
        exceptionWhileRunningCommand: formatError,
        noCommandRegisteredForInput: (input) =>
          formatMistake(text_en.noCommandRegisteredForInput(input)),
        exceptionWhileParsingArguments: (error, ansiColor) =>
          formatMistake(
            wordMistake(error) ?? text_en.exceptionWhileParsingArguments(error, ansiColor),
          ),
      },
    },
    documentation: {
      onlyRequiredInUsageLine: true,
      disableAnsiColor: process.env["NO_COLOR"] !== undefined,
    },
    determineExitCode: exitCodeOf,
  });
}

/** What the parser of a flag says names what it expects and what it found; only the flag is missing. */
function wordMistake(error: unknown): string | undefined {
  if (!(error instanceof ArgumentParseError) || !(error.exception instanceof Error))
    return undefined;
  const { externalFlagNameOrPlaceholder: place, exception } = error;
  return `--${place}: ${exception.message.replace(/^E/, "e")}`;
}

function formatMistake(text: string): string {
  const reason = text.replaceAll("`", '"').replace(/^[A-Z]/, (letter) => letter.toLowerCase());
  return formatError(new PenstockError("COMMAND_INVALID", { reason }));
}

async function readVersion(): Promise<string> {
  const text = await readFile(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { readonly version: string }).version;
}
